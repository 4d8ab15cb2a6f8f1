/** Finds the Python with PyTorch, which scripts/torch.js provides. */

/**
 * Returns the Python with PyTorch.
 * @throws Error if this process was not started by scripts/torch.js
 */
export const torchPython = (): string => {
  const python = process.env.GANC_TORCH_PYTHON;
  if (python === undefined || python === "")
    throw new Error("this compares with PyTorch: put `node scripts/torch.js` before the command");
  return python;
};
