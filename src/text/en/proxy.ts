export const proxy = {
  errors: {},
  gate: {},
};
