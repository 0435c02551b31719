/** The Redis that clients take this for: they choose their commands by it. */
export const REDIS_VERSION: string = "7.2.4";
