// graph.ts: the script of the attack graph, for lessons that have one.
import '../graph';
