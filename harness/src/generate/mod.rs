//! From the spec to programs: streams of cases, each a pure function of seed, stream, index and what the backend has.

mod accepted;
mod arguments;
mod block;
mod call;
mod calls;
mod case;
mod combination;
mod composed;
mod facts;
mod layout;
mod losses;
mod pool;
mod prelude;
mod shapes;
mod spoil;
mod stream;
mod tree;
mod values;

pub use accepted::{AcceptedDtypes, AcceptedStream};
pub use arguments::Primary;
pub use block::CaseBlock;
pub use call::{Call, simpler_arrays};
pub use calls::{CallCase, CallCell, CallStream, RAISE_SIZE, ruled_dtype};
pub use case::{ArgForm, Arguments, CallForm, Case, Operand, OperandCase, Pairing};
pub use combination::Combination;
pub use facts::{exercised_by, holds, holds_of_operands};
pub use layout::{LAYOUTS, Layout, Reverse, Transpose, ways};
pub use losses::{Fragile, Losses};
pub use pool::{Excused, Pool, RankLimit};
pub use prelude::{Prelude, Preludes};
pub use shapes::{ShapeKind, broadcast, broadcast_indices, tuple};
pub use stream::{Stream, StreamKind, streams};
pub use tree::CaseTree;
