//! The command that makes a run again.

use array_assay_format::Header;

/// The command line whose run has this header, without the name of the program: `conform numpy --seed 0 --cases 500 --shard 2/4`. A file of
/// times by which shards were balanced is not known any more, so a word stands for it.
pub fn invocation(header: &Header) -> String {
    let of = |option: &str| header.options.get(option).map(String::as_str);
    let mut words = vec!["conform".to_owned(), quoted(&header.backend.name), "--seed".to_owned(), header.seed.to_string()];
    words.extend(["--cases".to_owned(), of("cases").map_or_else(|| header.cases.to_string(), str::to_owned)]);
    for option in ["select", "dtype"] {
        let values = of(option).unwrap_or_default().split_whitespace();
        words.extend(values.flat_map(|value| [format!("--{option}"), quoted(value)]));
    }
    for option in ["device", "large", "shard"] {
        words.extend(of(option).into_iter().flat_map(|value| [format!("--{option}"), quoted(value)]));
    }
    words.extend(of("balance").map(|_| "--balance RESULTS".to_owned()));
    words.extend(of("gaps").map(|_| "--level quality".to_owned()));
    words.extend(of("consumers").map(|_| "--consumers".to_owned()));
    words.extend(of("open").map(|_| "--open".to_owned()));
    words.join(" ")
}

/// A word as a shell reads it.
fn quoted(word: &str) -> String {
    let plain = !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || "/:.,=_+-".contains(c));
    if plain { word.to_owned() } else { format!("'{}'", word.replace('\'', r"'\''")) }
}
