/** What a kind of VPN server is to the lab. `folder` is the gateway's own, the same inside and outside the world. */
export interface Server {
  /** Shell text that writes its files. */
  readonly prepare: string;
  /** Its command line, which stays in the foreground. */
  readonly command: string;
  /** What its log says once it takes log-ins. */
  readonly ready: RegExp;
  /** How many passwords it has been given to judge, right ones and wrong ones. */
  attempts(): number;
  /** Ends the sessions of a user as an administrator does; resolves when the server has taken the order. */
  kick(username: string): Promise<void>;
}

/** One account, known to every gateway of a lab. */
export interface Account {
  readonly username: string;
  readonly password: string;
}

/** The secret of the one-time codes that a gateway asks for: RFC 6238's, in base32 and in hex. */
export const CODE_SECRET = {
  base32: 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ',
  hex: '3132333435363738393031323334353637383930',
};

/** A file in a gateway's folder: while it is there, the right password is followed by silence. */
export const HANGS_FILE = 'login-hangs';
/** A file in a gateway's folder: while it is there, the right password lets nobody in. */
export const REFUSED_FILE = 'login-refused';
