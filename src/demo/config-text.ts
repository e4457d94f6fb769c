/** The demo's config.yml: five sites on loopback, each with another thing that can happen. */
export function demoConfig(mailPort: number): string {
  return `# The demo's config: real pings of loopback, a simulated VPN client, a mail server on loopback.
# A real one is commented in config.example.yml.
frequency: 15                     # seconds; a real one: 600
logging:
  dir: results
  file: result
  level: debug
  email:
    server: 127.0.0.1:${mailPort}
    security: none
    from: vpn-monitor@demo.example
    to: noc@demo.example
ping: { count: 1, timeout: 2 }    # few and short, to end in a minute
login: { step_timeout: 3, quit_timeout: 5 }
x-account: &account               # what the sites share
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
  wrong-password:
    <<: *account
    vpn_gw: rejects.demo.example
  hanging-login:
    <<: *account
    vpn_gw: hangs.demo.example
  dead-inside:
    <<: *account
    vpn_gw: works-but-inside.demo.example
    internal_ip: fe80::dead%lo    # an address on lo that nobody has
`;
}
