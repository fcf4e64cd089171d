//! The files of the crate `array-assay-namespace`, for those who keep a copy of it: `array-assay polyfill --lang rust`.

macro_rules! files {
    ($($path:literal),* $(,)?) => {
        &[$((concat!("src/", $path), include_str!(concat!("../../rust/src/", $path)))),*]
    };
}

/// Path and text of each.
pub const SOURCES: &[(&str, &str)] = files![
    "bind.rs",
    "composed.rs",
    "dtypes.rs",
    "extra.rs",
    "generated/bodies.rs",
    "generated/keywords.rs",
    "generated/mod.rs",
    "generated/namespace.rs",
    "generated/polyfills.rs",
    "generated/table.rs",
    "kernels/block.rs",
    "kernels/complex.rs",
    "kernels/creation.rs",
    "kernels/data_type.rs",
    "kernels/elementwise.rs",
    "kernels/fft.rs",
    "kernels/indexing.rs",
    "kernels/linalg.rs",
    "kernels/manipulation.rs",
    "kernels/mod.rs",
    "kernels/products.rs",
    "kernels/real.rs",
    "kernels/reduction.rs",
    "kernels/sorting.rs",
    "keyword.rs",
    "lib.rs",
    "polyfilled.rs",
    "result.rs",
    "scope.rs",
    "signature.rs",
    "value.rs",
];

/// The text of its README.
pub const README: &str = include_str!("../../rust/README.md");
