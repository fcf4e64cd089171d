//! The copy of the Rust crate that users take along.

#[test]
fn every_source_file_is_in_the_copy() {
    fn below(folder: &std::path::Path, out: &mut Vec<std::path::PathBuf>) {
        for entry in std::fs::read_dir(folder).expect("a folder of the crate") {
            let path = entry.expect("an entry of it").path();
            if path.is_dir() { below(&path, out) } else { out.push(path) }
        }
    }
    let root = std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/rust"));
    let mut files = Vec::new();
    below(&root.join("src"), &mut files);
    let mut names: Vec<String> =
        files.iter().map(|file| file.strip_prefix(root).expect("it is below").to_string_lossy().replace('\\', "/")).collect();
    names.sort();
    assert_eq!(names, array_assay_polyfills::rust::SOURCES.iter().map(|(path, _)| *path).collect::<Vec<_>>());
}
