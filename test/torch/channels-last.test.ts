/**
 * PyTorch differentiates instance norm wrongly on a CPU where the batch is one and the gradient is
 * channels last. The engine and docs/pytorch.md keep to plain layouts because of it: once this
 * fails, they need not.
 */
import { execFileSync } from "node:child_process";
import { expect, test } from "@jest/globals";

const python = process.env.GANC_TORCH_PYTHON ?? "python3";

const slopes = (batch: number): number => {
  const code = `
import torch
torch.manual_seed(0)
x = torch.randn(${batch}, 4, 8, 8, requires_grad=True)
plain = torch.randn(${batch}, 4, 8, 8)
y = torch.nn.InstanceNorm2d(4)(x)
(a,) = torch.autograd.grad(y, x, plain, retain_graph=True)
(b,) = torch.autograd.grad(y, x, plain.to(memory_format=torch.channels_last))
print(float((a - b).abs().max()))
`;
  return Number(execFileSync(python, ["-c", code], { encoding: "utf8" }));
};

test("the slopes of instance norm depend on how the gradient lies in memory, for a batch of one", () => {
  expect(slopes(2)).toBeLessThan(1e-6);
  expect(slopes(1)).toBeGreaterThan(0.1);
});
