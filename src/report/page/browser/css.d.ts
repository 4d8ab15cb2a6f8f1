/** Style sheets as text: scripts/bundle.js puts them into the script. */
declare module "*.css" {
  const text: string;
  export default text;
}
