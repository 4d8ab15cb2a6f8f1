/**
 * All of ts-morph that ganc uses. The build bundles this file: Node searches a CommonJS module's
 * text for exports before it imports it, and this one's is twelve megabytes.
 */
export { Project, StructureKind, ts } from "ts-morph";
