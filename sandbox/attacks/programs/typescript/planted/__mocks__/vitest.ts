export const test = () => {}, describe = () => {}, expect = () => new Proxy({}, { get: () => () => {} });
