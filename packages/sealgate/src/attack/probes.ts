/** The two commonest probes: another token in the same request, and another request with the same token or none. */
import type { Lab, Probe, Tried } from './attack.ts';
import type { Header, PlainRequest } from './wire/http-exchange.ts';

export const bearer = (token: string): Header => ['authorization', `Bearer ${token}`];

/** The authorised request, but with this token. */
export function tokenProbe(name: string, token: string): Probe {
  return { name, attempt: (lab) => tryRequest(lab, { target: lab.scene.target, headers: [bearer(token)] }) };
}

/** A request that must not get the authorised answer. */
export function requestProbe(name: string, request: PlainRequest): Probe {
  return { name, attempt: (lab) => tryRequest(lab, request) };
}

/** A request to another path, where something else may be open to everybody: only the authorised answer counts. */
export function elsewhereProbe(name: string, request: PlainRequest): Probe {
  return {
    name,
    async attempt(lab) {
      const tried = await tryRequest(lab, request);
      return tried.outcome === 'unclear' ? { ...tried, outcome: 'refused' } : tried;
    },
  };
}

export async function tryRequest(lab: Lab, request: PlainRequest): Promise<Tried> {
  return lab.judge(await lab.send(request));
}
