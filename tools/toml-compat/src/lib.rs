//! toml 1, under the version that mdbook-cmdrun 0.7.3 asks for, so that one toml
//! is compiled and not two. It can go when mdbook-cmdrun asks for toml 1.

pub use toml_1::*;
