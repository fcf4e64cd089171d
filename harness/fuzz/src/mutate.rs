//! Mutations of inputs: of their bytes, and of the tree that a frame or a line of JSON is.

use rmpv::Value as Pack;
use serde_json::Value as Json;

/// What the bytes of an input are, as far as mutations go by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Text.
    Text,
    /// A value of MessagePack.
    MessagePack,
    /// A JSON value a line.
    JsonLines,
}

/// No mutation makes an input longer than this.
const LONGEST: usize = 1 << 16;

/// Integers at which something tends to overflow.
const INTEGERS: [u64; 16] =
    [0, 1, 2, 8, 127, 255, 1 << 16, 1 << 31, u32::MAX as u64, 1 << 32, 1 << 40, 1 << 53, 1 << 60, i64::MAX as u64, 1 << 63, u64::MAX];

/// Draws mutations from a seed.
pub struct Mutator {
    state: u64,
}

impl Mutator {
    /// The same seed gives the same mutations.
    pub fn new(seed: u64) -> Mutator {
        Mutator { state: seed }
    }

    /// splitmix64 (Steele, Lea and Flood, 2014).
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `n`, which is not 0.
    fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    fn integer(&mut self) -> u64 {
        INTEGERS[self.below(INTEGERS.len())]
    }

    /// An input made of one of the corpus, or of two of them. `tokens`: what the format is made of.
    pub fn input(&mut self, corpus: &[Vec<u8>], form: Form, tokens: &[&str]) -> Vec<u8> {
        let mut input = corpus[self.below(corpus.len())].clone();
        for _ in 0..1 + self.below(4) {
            input = match form {
                Form::MessagePack if self.below(3) > 0 => self.pack(input),
                Form::JsonLines if self.below(3) > 0 => self.json_line(input),
                _ => self.bytes(input, corpus, tokens),
            };
            input.truncate(LONGEST);
        }
        input
    }

    /// Another input by a change of its bytes.
    fn bytes(&mut self, mut input: Vec<u8>, corpus: &[Vec<u8>], tokens: &[&str]) -> Vec<u8> {
        let at = self.below(input.len() + 1);
        let end = at + self.below((input.len() - at).min(64) + 1);
        match self.below(8) {
            0 if at < input.len() => input[at] ^= 1 << self.below(8),
            1 if at < input.len() => input[at] = self.next() as u8,
            2 => drop(input.drain(at..end)),
            3 => {
                let piece = input[at..end].to_vec();
                input.splice(at..at, piece);
            }
            // Deep nesting, and long runs of anything.
            4 => {
                let piece = &input[at..end.min(at + 8)];
                let times = 1 << self.below(14);
                let many = piece.repeat(times.min(LONGEST / piece.len().max(1)));
                input.splice(at..at, many);
            }
            5 => {
                let other = &corpus[self.below(corpus.len())];
                let from = self.below(other.len() + 1);
                input.truncate(at);
                input.extend_from_slice(&other[from..]);
            }
            6 => {
                let width = [1, 2, 4, 8][self.below(4)];
                let bytes = self.integer().to_be_bytes();
                let end = (at + width).min(input.len());
                input.splice(at..end, bytes[8 - width..].iter().copied());
            }
            _ if !tokens.is_empty() => {
                let token = tokens[self.below(tokens.len())];
                let times = if self.below(16) == 0 { 1 << self.below(14) } else { 1 };
                input.splice(at..at, token.repeat(times.min(LONGEST / token.len().max(1))).into_bytes());
            }
            _ => input.truncate(at),
        }
        input
    }

    /// Another frame by a change of one of its nodes. What is no MessagePack stays.
    fn pack(&mut self, input: Vec<u8>) -> Vec<u8> {
        let Ok(mut tree) = rmpv::decode::read_value(&mut input.as_slice()) else { return input };
        let at = self.below(count(&tree, pack_children));
        let other = visit_pack(&tree, self.below(count(&tree, pack_children))).clone();
        self.pack_node(&mut tree, at, other);
        let mut out = Vec::new();
        // A buffer takes all bytes.
        rmpv::encode::write_value(&mut out, &tree).expect("a buffer takes all bytes");
        out
    }

    fn pack_node(&mut self, tree: &mut Pack, at: usize, other: Pack) {
        let mut left = at;
        let Some(node) = nth_pack(tree, &mut left) else { return };
        let integer = self.integer();
        *node = match (self.below(8), &mut *node) {
            (0, _) => other,
            (1, _) => Pack::from(integer),
            (2, _) => Pack::from(-(integer as i64 / 2)),
            (3, Pack::Array(items)) if !items.is_empty() => {
                let item = items[self.below(items.len())].clone();
                let times = if self.below(4) == 0 { 1 << self.below(12) } else { 1 };
                items.extend(std::iter::repeat_n(item, times));
                return;
            }
            (4, Pack::Array(items)) if !items.is_empty() => {
                items.remove(self.below(items.len()));
                return;
            }
            (3 | 4, Pack::Map(fields)) if !fields.is_empty() => {
                fields.remove(self.below(fields.len()));
                return;
            }
            (5, Pack::Binary(bytes)) => {
                bytes.truncate(self.below(bytes.len() + 1));
                return;
            }
            (5, Pack::String(_)) => Pack::from(vec![0u8; self.below(256)]),
            (6, Pack::Map(_) | Pack::Array(_)) => {
                let depth = 1 << self.below(11);
                (0..depth).fold(node.clone(), |inner, _| Pack::Array(vec![inner]))
            }
            (6, _) => Pack::from("x".repeat(self.below(64))),
            (7, Pack::Map(fields)) => {
                // The same variant in itself: a tuple of a tuple, ...
                let Some((key, _)) = fields.first().cloned() else { return };
                let depth = 1 << self.below(11);
                (0..depth).fold(node.clone(), |inner, _| Pack::Map(vec![(key.clone(), Pack::Array(vec![inner]))]))
            }
            _ => Pack::Nil,
        };
    }

    /// Another file by a change of a node of one of its lines. A line that is no JSON stays.
    fn json_line(&mut self, input: Vec<u8>) -> Vec<u8> {
        let mut lines: Vec<Vec<u8>> = input.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
        let line = self.below(lines.len());
        let Ok(mut tree) = serde_json::from_slice::<Json>(&lines[line]) else { return input };
        let nodes = count(&tree, json_children);
        let (at, from) = (self.below(nodes), self.below(nodes));
        let other = visit_json(&tree, from).clone();
        let mut left = at;
        if let Some(node) = nth_json(&mut tree, &mut left) {
            let integer = self.integer();
            match (self.below(7), &mut *node) {
                (0, _) => *node = other,
                (1, _) => *node = integer.into(),
                (2, _) => *node = format!("{integer}").into(),
                (3, Json::Array(items)) if !items.is_empty() => {
                    let item = items[self.below(items.len())].clone();
                    items.extend(std::iter::repeat_n(item, 1 << self.below(10)));
                }
                (4, Json::Object(fields)) if !fields.is_empty() => {
                    let key = fields.keys().nth(self.below(fields.len())).cloned().unwrap_or_default();
                    fields.remove(&key);
                }
                (5, _) => *node = (0..1 << self.below(8)).fold(node.take(), |inner, _| Json::Array(vec![inner])),
                (6, Json::String(text)) => *text = text.chars().rev().chain("\u{202e}<é\0".chars()).collect(),
                _ => *node = Json::Null,
            }
        }
        lines[line] = serde_json::to_vec(&tree).unwrap_or_default();
        lines.join(&b'\n')
    }
}

fn pack_children(value: &Pack) -> Vec<&Pack> {
    match value {
        Pack::Array(items) => items.iter().collect(),
        Pack::Map(fields) => fields.iter().flat_map(|(key, value)| [key, value]).collect(),
        _ => Vec::new(),
    }
}

fn json_children(value: &Json) -> Vec<&Json> {
    match value {
        Json::Array(items) => items.iter().collect(),
        Json::Object(fields) => fields.values().collect(),
        _ => Vec::new(),
    }
}

/// How many nodes a tree has.
fn count<T>(tree: &T, children: fn(&T) -> Vec<&T>) -> usize {
    let (mut waiting, mut out) = (vec![tree], 0);
    while let Some(node) = waiting.pop() {
        out += 1;
        waiting.extend(children(node));
    }
    out
}

fn visit_pack(tree: &Pack, at: usize) -> &Pack {
    nth(tree, at, pack_children)
}

fn visit_json(tree: &Json, at: usize) -> &Json {
    nth(tree, at, json_children)
}

/// The node `at` of a tree, counted from its root.
fn nth<T>(tree: &T, at: usize, children: fn(&T) -> Vec<&T>) -> &T {
    let mut waiting = vec![tree];
    let mut left = at;
    while let Some(node) = waiting.pop() {
        if left == 0 {
            return node;
        }
        left -= 1;
        waiting.extend(children(node));
    }
    tree
}

/// The same to change it. Depth first; `left` counts down.
fn nth_pack<'t>(tree: &'t mut Pack, left: &mut usize) -> Option<&'t mut Pack> {
    let mut waiting = vec![tree];
    while let Some(node) = waiting.pop() {
        if *left == 0 {
            return Some(node);
        }
        *left -= 1;
        match node {
            Pack::Array(items) => waiting.extend(items.iter_mut()),
            Pack::Map(fields) => waiting.extend(fields.iter_mut().flat_map(|(key, value)| [key, value])),
            _ => {}
        }
    }
    None
}

fn nth_json<'t>(tree: &'t mut Json, left: &mut usize) -> Option<&'t mut Json> {
    let mut waiting = vec![tree];
    while let Some(node) = waiting.pop() {
        if *left == 0 {
            return Some(node);
        }
        *left -= 1;
        match node {
            Json::Array(items) => waiting.extend(items.iter_mut()),
            Json::Object(fields) => waiting.extend(fields.values_mut()),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_same_inputs_and_another_seed_others() {
        let corpus = [b"(a + b) * c".to_vec(), b"isnan(x1)".to_vec()];
        let inputs = |seed| -> Vec<Vec<u8>> {
            let mut mutator = Mutator::new(seed);
            (0..50).map(|_| mutator.input(&corpus, Form::Text, &["not "])).collect()
        };
        assert_eq!(inputs(1), inputs(1));
        assert_ne!(inputs(1), inputs(2));
        let changed = inputs(1).into_iter().filter(|input| !corpus.contains(input)).count();
        assert!(changed > 40, "{changed} of 50 differ from the corpus");
    }

    #[test]
    fn a_changed_tree_is_still_one() {
        let frame = Pack::Map(vec![("values".into(), Pack::Array(vec![Pack::from(1), Pack::from("x"), Pack::from(vec![1u8, 2])]))]);
        let mut bytes = Vec::new();
        rmpv::encode::write_value(&mut bytes, &frame).unwrap();
        let mut mutator = Mutator::new(0);
        for _ in 0..500 {
            let changed = mutator.pack(bytes.clone());
            let mut rest = changed.as_slice();
            // Deeper nesting than the reader takes is a fault of its own.
            if rmpv::decode::read_value_with_max_depth(&mut rest, 8192).is_ok() {
                assert!(rest.is_empty());
            }
        }
        let line = mutator.json_line(b"{\"a\": [1, {\"b\": \"c\"}]}".to_vec());
        serde_json::from_slice::<Json>(&line).unwrap();
    }
}
