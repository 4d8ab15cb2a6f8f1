/** Every diagnostic that the compiler can give: a stable code, how grave it is, and what it is about. */

export type Severity = "error" | "warning";

interface Entry {
  readonly severity: Severity;
  readonly title: string;
}

const error = (title: string): Entry => ({ severity: "error", title });
const warning = (title: string): Entry => ({ severity: "warning", title });

export const catalogue = {
  GAN101: error("the text is not a `.gan` spec"),
  GAN102: error("a character that the language does not know"),
  GAN103: error("the left side of `=>` is not a list of names"),
  GAN201: error("an unknown name"),
  GAN202: error("a name declared twice"),
  GAN203: error("definitions that need each other"),
  GAN204: error("an import that cannot be found"),
  GAN205: error("files that import each other"),
  GAN206: error("a name that the imported file does not declare"),
  GAN207: error("an import without what it needs"),
  GAN301: error("a value of one domain where another is expected"),
  GAN302: error("a residual branch that changes the shape of its input"),
  GAN303: error("a layer that does not fit its input"),
  GAN304: error("a network whose output does not fit its domain"),
  GAN305: error("a value of the wrong kind"),
  GAN306: error("operands of different shapes"),
  GAN307: error("a call of something that is not a function"),
  GAN308: error("a drawn value outside of an expectation"),
  GAN309: error("a type that does not exist"),
  GAN310: error("arguments that disagree about a domain"),
  GAN401: error("an unknown option"),
  GAN402: error("an option of the wrong type"),
  GAN403: error("a value out of range"),
  GAN404: error("a missing argument"),
  GAN405: error("too many arguments"),
  GAN406: error("a param that its `where` refuses"),
  GAN407: error("a setting that no param takes"),
  GAN408: error("arithmetic without a result"),
  GAN409: error("a network larger than the compiler's budget"),
  GAN501: error("a player whose objective does not depend on it"),
  GAN502: error("a network that nobody trains"),
  GAN503: error("a network trained by two players at once"),
  GAN504: error("a player all of whose gradients are cut"),
  GAN505: error("an expectation over nothing"),
  GAN506: error("a spec without a game to solve"),
  GAN507: error("a training recipe without a needed field"),
  GAN508: error("an `expect` that does not hold"),
  GAN509: error("an augmentation that does not give the domain's size"),
  GAN510: error("a construct that this version cannot compile"),
  GAN601: warning("a cycle that trains only one of its players"),
} as const satisfies Readonly<Record<string, Entry>>;

export type Code = keyof typeof catalogue;
