export const configuration = {
  errors: {},
};
