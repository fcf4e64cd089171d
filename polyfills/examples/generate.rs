//! x
fn main() {
    let root = std::env::args().nth(1).expect("root");
    for (path, text) in array_assay_polyfills::rust::generated(array_assay_spec::Spec::embedded()) {
        std::fs::write(std::path::Path::new(&root).join(path), text).expect("write");
    }
}
