/** Random conditions on a param `size`, as text of a `where` and as what they mean. */
import type { Dice } from "../fuzz/dice.js";

export interface Condition {
  readonly text: string;
  readonly holds: (size: number) => boolean;
}

const comparison = ({ below, of }: Dice): Condition => {
  const bound = 1 + below(12);
  const divisor = of([2, 2, 3, 4, 4, 6, 8]);
  const rest = below(3) === 0 ? below(divisor) : 0;
  return of<Condition>([
    { text: `size >= ${bound}`, holds: (size) => size >= bound },
    { text: `size > ${bound}`, holds: (size) => size > bound },
    { text: `size <= ${20 + bound}`, holds: (size) => size <= 20 + bound },
    { text: `size != ${bound}`, holds: (size) => size !== bound },
    { text: `size % ${divisor} == ${rest}`, holds: (size) => size % divisor === rest },
    { text: `size % ${divisor} == ${rest}`, holds: (size) => size % divisor === rest },
  ]);
};

/** Of at most `depth` connectives on a way. */
export const randomCondition = (dice: Dice, depth: number): Condition => {
  if (depth === 0 || dice.below(3) === 0) return comparison(dice);
  const [a, b] = [randomCondition(dice, depth - 1), randomCondition(dice, depth - 1)];
  return dice.of<Condition>([
    { text: `${a.text} and (${b.text})`, holds: (size) => a.holds(size) && b.holds(size) },
    { text: `${a.text} and (${b.text})`, holds: (size) => a.holds(size) && b.holds(size) },
    { text: `(${a.text} or ${b.text})`, holds: (size) => a.holds(size) || b.holds(size) },
    { text: `not (${a.text})`, holds: (size) => !a.holds(size) },
  ]);
};
