// Composes subgraph schemas into a supergraph: node compose.mjs <output folder> <name>=<schema file> ...
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { QueryPlanner } from "@graphql-hive/router-query-planner";
import { composeServices, compositionHasErrors } from "@theguild/federation-composition";
import { buildASTSchema, Kind, parse, print, printSchema, visit } from "graphql";

const [folder, ...subgraphs] = process.argv.slice(2);
if (folder === undefined || subgraphs.length === 0) {
  process.stderr.write("usage: compose.mjs <output folder> <name>=<schema file> ...\n");
  process.exit(2);
}

const result = composeServices(
  subgraphs.map((argument) => {
    const [name, file] = argument.split("=");
    // Addresses are settings of the gateway: the supergraph names services only.
    return { name, url: "", typeDefs: parse(readFileSync(file, "utf8")) };
  }),
);
if (compositionHasErrors(result)) {
  for (const error of result.errors) process.stderr.write(`${error.extensions?.code ?? "ERROR"}: ${error.message}\n`);
  process.exit(1);
}

const supergraph = print(parse(result.supergraphSdl)) + "\n";
writeFileSync(join(folder, "supergraph.graphql"), supergraph);
writeFileSync(join(folder, "api.graphql"), publicSchema(supergraph) + "\n");

// The planner's public schema also has the introspection system's types and those that composition made.
function publicSchema(sdl) {
  const isInternal = (name) => /^(__|join__|link__|core__)/.test(name ?? "");
  const document = visit(parse(new QueryPlanner(sdl).consumerSchema), {
    enter(node) {
      const isDefinition = node.kind.endsWith("TypeDefinition") || node.kind === Kind.FIELD_DEFINITION;
      return isDefinition && isInternal(node.name?.value) ? null : undefined;
    },
  });
  return printSchema(buildASTSchema(document, { assumeValid: true }));
}
