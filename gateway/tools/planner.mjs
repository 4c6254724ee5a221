// Plans GraphQL operations over standard input and output: one JSON object a line in, one a line out, in order.
import { createInterface } from "node:readline";
import { QueryPlanner } from "@graphql-hive/router-query-planner";

const LOADED_SUPERGRAPHS_MAX = 4;
const planners = new Map();

function load({ key, supergraph }) {
  const planner = new QueryPlanner(supergraph);
  planners.delete(key);
  planners.set(key, planner);
  if (planners.size > LOADED_SUPERGRAPHS_MAX) planners.delete(planners.keys().next().value);
  return { schema: planner.consumerSchema };
}

function plan({ key, query, operationName }) {
  const planner = planners.get(key);
  if (planner === undefined) return { error: "the supergraph is not loaded", unloaded: true };
  return { plan: planner.plan(query, operationName ?? null, new Set(), 0) };
}

const requests = createInterface({ input: process.stdin, crlfDelay: Infinity });
for await (const line of requests) {
  let answer;
  try {
    const request = JSON.parse(line);
    answer = request.kind === "load" ? load(request) : plan(request);
  } catch (failure) {
    answer = { error: String(failure?.message ?? failure) };
  }
  process.stdout.write(JSON.stringify(answer) + "\n");
}
