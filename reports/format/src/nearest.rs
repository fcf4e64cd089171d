//! The word that was probably meant.

/// The candidate that takes the fewest insertions, deletions, replacements and swaps of neighbours to make of `word`; the first of several.
pub fn nearest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let word: Vec<char> = word.chars().collect();
    candidates.into_iter().min_by_key(|candidate| distance(&word, &candidate.chars().collect::<Vec<_>>()))
}

/// Damerau's distance of adjacent swaps, by dynamic programming over three rows.
fn distance(a: &[char], b: &[char]) -> usize {
    let (mut before, mut last): (Vec<usize>, Vec<usize>) = (Vec::new(), (0..=b.len()).collect());
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let replaced = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[j] = replaced.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        (before, last) = (last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_found() {
        let words = ["wrong-value", "wrong-dtype", "raised"];
        assert_eq!(nearest("wrong-vlaue", words), Some("wrong-value"));
        assert_eq!(nearest("rised", words), Some("raised"));
        assert_eq!(nearest("", words), Some("raised"));
        assert_eq!(nearest("x", []), None);
    }
}
