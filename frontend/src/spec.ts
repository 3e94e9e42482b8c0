// spec.ts: where a cited section can be read. The server's check.SpecURL does the same.
const documents: Record<string, string> = {
  'OIDC Core': 'openid-connect-core-1_0',
  'OIDC Discovery': 'openid-connect-discovery-1_0',
  'OIDC Registration': 'openid-connect-registration-1_0',
  'OAuth Multiple Response Types': 'oauth-v2-multiple-response-types-1_0',
};

export function specUrl(ref: string): string | undefined {
  const [name = '', section = ''] = ref.split(' §');
  const rfc = /^RFC (\d+)$/.exec(name);
  if (rfc && section) return `https://www.rfc-editor.org/rfc/rfc${rfc[1]}#${/^\d/.test(section) ? 'section' : 'appendix'}-${section}`;
  return documents[name] && section ? `https://openid.net/specs/${documents[name]}.html#rfc.section.${section}` : undefined;
}
