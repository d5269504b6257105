/** Where front-end tools put files that belong to one version, and what they name them. */
export const defaultAssets: readonly string[] = ['/assets/', '/static/', '/_next/static/', 'hashed'];
