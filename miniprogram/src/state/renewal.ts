/** How the client logs in again; the session sets it, as it is the session that calls the client. */

let how: () => Promise<boolean> = async () => false;

export function renewLogin(): Promise<boolean> {
  return how();
}

export function setRenewal(renewal: () => Promise<boolean>): void {
  how = renewal;
}
