// A part of the catalogue, which the bundle makes: see bundle/catalogue.go.
declare module '*.json?later' {
  const sentences: { [key: string]: string };
  export default sentences;
}

// What the parameters, headers and claims are, which the bundle makes: see bundle/explain.go.
declare module 'explain.json' {
  const explained: Record<string, { text: string; by?: string; for?: string; spec?: string; url?: string }>;
  export default explained;
}
