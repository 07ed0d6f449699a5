export async function runWindow(_options: unknown): Promise<number> { return 0; }
