// copy.ts: text for the clipboard. A browser may forbid it, as on plain http: then it says so.
export async function copied(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
