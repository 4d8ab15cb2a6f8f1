/** Names of generated Python: a spec's own, wherever Python and the module leave them free. */
import { Identifiers } from "../written/identifiers.js";

/** Words that Python keeps, functions of its own that generated code calls, and modules. */
const words =
  "False None True and as assert async await break class continue def del elif else except finally for from " +
  "global if import in is lambda nonlocal not or pass raise return try while with yield match case type self " +
  "dict float int isinstance len list max min object print property range set str sum super tuple zip " +
  "torch nn functional optim math itertools Any cast parametrize Tensor Any Callable ClassVar NamedTuple Protocol dataclass " +
  "step memory networks parameters update draws nets rate chance channels terms repetitions accumulate " +
  "Networks Memory Draws Chance DOMAINS " +
  // Linters take them for digits.
  "l O I";

/** Names of a module; `library` are those of the classes and functions that it brings along. */
export const moduleNames = (library: Iterable<string>): Identifiers =>
  new Identifiers([...words.split(" "), ...library], (name) => name.replaceAll(".", "_"));

/** Names of fields, of which Python refuses only its own words. */
export const fieldNames = (): Identifiers =>
  new Identifiers([...words.slice(0, words.indexOf(" match")).split(" "), "l", "O", "I"], (name) =>
    name.replaceAll(".", "_"),
  );
