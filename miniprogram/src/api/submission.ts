/** The idempotency key of one submission: kept while it is repeated, another once it is done or its content changes. */

export class Submission {
  private key: string | null = null;
  private content = "";

  constructor(private readonly make: () => string) {}

  /** The key for this content: the same until `done`, unless the content is another. */
  keyFor(content: unknown): string {
    const text = JSON.stringify(content);
    if (this.key === null || text !== this.content) {
      this.key = this.make();
      this.content = text;
    }
    return this.key;
  }

  /** The server has answered for good; the next submission is a new one. */
  done(): void {
    this.key = null;
  }
}
