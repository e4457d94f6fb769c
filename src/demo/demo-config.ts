/**
 * Returns the demo's config.yml: six sites on loopback, each with another result.
 *
 * @param mailPort TCP port of the mail server
 * @param logIns a file that the client of one site may create: it counts the log-ins there
 */
export function demoConfig(mailPort: number, logIns: string): string {
  return `# The config of the demo: real pings of loopback, a simulated VPN client, a mail server on loopback.
# config.example.yml explains all keys.
frequency: 15                     # seconds; usually 600
logging:
  dir: results
  file: result
  level: debug
  email:
    server: 127.0.0.1:${mailPort}
    security: none
    from: vpn-monitor@demo.example
    to: noc@demo.example
alerts: { group_seconds: 0 }      # a mail for each site; usually one for all of a cycle
ping: { count: 1, timeout: 2 }    # few and short, for a demo of one minute
login: { step_timeout: 3, quit_timeout: 5 }
x-account: &account               # shared by the sites
  external_ip: 127.0.0.1
  internal_ip: 127.0.0.1
  realm: demo
  username: monitor
  password: "demo-password"
  timeout: 60
  client: demo
sites:
  works:
    <<: *account
    vpn_gw: works.demo.example
  slow:
    <<: *account
    vpn_gw: slow.demo.example
  recovers:
    <<: *account
    vpn_gw: recovers.demo.example
    realm: ${JSON.stringify(logIns)} # counts the log-ins: the first two are refused
  wrong-password:
    <<: *account
    vpn_gw: rejects.demo.example
  hanging-login:
    <<: *account
    vpn_gw: hangs.demo.example
  dead-inside:
    <<: *account
    vpn_gw: works-but-inside.demo.example
    internal_ip: fe80::dead%lo    # an address on lo that does not exist
`;
}
