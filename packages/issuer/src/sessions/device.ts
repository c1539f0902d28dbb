/** What is remembered of the device that uses a session, so that its user recognises it. From the request; trusted for nothing. */

export interface Device {
  readonly address: string;
  readonly userAgent: string;
}

const LONGEST_USER_AGENT = 256;

/** Cut to what is shown; control and invisible characters removed. */
export function describeDevice(address: string, userAgent: string | undefined): Device {
  return { address, userAgent: (userAgent ?? '').replaceAll(/[^\x20-\x7e]/gu, '').slice(0, LONGEST_USER_AGENT) };
}
