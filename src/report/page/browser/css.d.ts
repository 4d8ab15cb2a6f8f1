/** Style sheets as text, which scripts/bundle.js inlines into the script. */
declare module "*.css" {
  const text: string;
  export default text;
}
