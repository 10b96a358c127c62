export const source = {
  errors: {},
};
