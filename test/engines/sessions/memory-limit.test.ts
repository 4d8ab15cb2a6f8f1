/** What bounds the memory of a process, by the files in which Linux tells it. */
import { expect, test } from "@jest/globals";
import { memoryLimit } from "../../../src/engines/sessions/memory-limit.js";

const GIB = 2 ** 30;
const total = 16 * GIB;

const limit = (files: Readonly<Record<string, string>>, constrained = 0) =>
  memoryLimit((path) => files[path], total, constrained);

const machine = { bytes: total, of: "this machine" };

test("without groups, and in groups without a bound, it is the machine's", () => {
  expect(limit({})).toEqual(machine);
  expect(
    limit({
      "/proc/self/cgroup": "0::/user.slice\n",
      "/sys/fs/cgroup/user.slice/memory.max": "max\n",
    }),
  ).toEqual(machine);
  // what Node says where nothing is known
  expect(limit({}, 2 ** 64)).toEqual(machine);
});

test("the least bound of a group and of those that it is in counts", () => {
  const files = {
    "/proc/self/cgroup": "0::/pods/one/run\n",
    "/sys/fs/cgroup/pods/one/run/memory.max": "max\n",
    "/sys/fs/cgroup/pods/one/memory.max": `${2 * GIB}\n`,
    "/sys/fs/cgroup/pods/memory.max": `${8 * GIB}\n`,
  };
  expect(limit(files)).toEqual({ bytes: 2 * GIB, of: "this control group" });
});

test("in a container the bound stands at the root of what is seen", () => {
  const files = {
    "/proc/self/cgroup": "0::/\n",
    "/sys/fs/cgroup/memory.max": `${GIB}\n`,
  };
  expect(limit(files)).toEqual({ bytes: GIB, of: "this control group" });
});

test("groups of the first version are read where memory is", () => {
  const files = {
    "/proc/self/cgroup": "12:cpu,cpuacct:/a\n9:memory:/docker/b\n1:name=systemd:/c\n",
    "/sys/fs/cgroup/memory/memory.limit_in_bytes": `${3 * GIB}\n`,
    "/sys/fs/cgroup/memory/a/memory.limit_in_bytes": "1\n",
  };
  expect(limit(files)).toEqual({ bytes: 3 * GIB, of: "this control group" });
  const none = { ...files, "/sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n" };
  expect(limit(none)).toEqual(machine);
});

test("what Node itself knows counts too", () => {
  expect(limit({}, GIB)).toEqual({ bytes: GIB, of: "this control group" });
});
