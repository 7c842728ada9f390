/** Libraries that load workers, WebAssembly, native code or data by path: they stay packages beside the bundle. */
export const externals = ['tesseract.js', '@tesseract.js-data/*', '@napi-rs/canvas'];
