/** The Python that has PyTorch: scripts/torch.js says where it is. */

/** @throws Error where this process was not started by scripts/torch.js */
export const torchPython = (): string => {
  const python = process.env.GANC_TORCH_PYTHON;
  if (python === undefined || python === "")
    throw new Error("this compares with PyTorch: put `node scripts/torch.js` before the command");
  return python;
};
