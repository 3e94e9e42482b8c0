// A part of the catalogue, which the bundle makes: see bundle/catalogue.go.
declare module '*.json?later' {
  const sentences: { [key: string]: string };
  export default sentences;
}
