// hosts.ts: who serves which host of the story.
const hosts: { [actor: string]: string } = { client: 'planner.test', as: 'auth.chirper.test', api: 'api.chirper.test', attacker: 'mallory.test' };

export const hostNamed = (actor: string): string | undefined => hosts[actor];

// server is the actor behind an address; '' if it is none of the story.
export function server(url: string): string {
  const host = URL.canParse(url) ? new URL(url).host : '';
  return Object.keys(hosts).find((actor) => hosts[actor] === host) ?? '';
}
