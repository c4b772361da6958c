//! The order in which calculations that wait are run, where somebody changed it.
//!
//! `.oqfs/queue.json` lists ids. Those that are not in it come after, in the order in which they were accepted. Whoever runs calculations
//! reads it each time one is taken, so that it counts from then on, whoever wrote it, and over restarts.

use std::fs::{self, File};
use std::path::PathBuf;

use super::calc_folder::{read_json, write_json};
use super::error::io;
use super::{DataDir, Error, HIDDEN, Result};

const ORDER: &str = "queue.json";
/// Held by who changes the order.
const LOCK: &str = "queue.lock";

/// The extended attribute of a mount's root that has the file, for those who cannot reach it.
pub const ORDER_XATTR: &str = "user.oqfs.queue";

/// Where in the queue a calculation is put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    First,
    Last,
    /// Before this one.
    Before(u32),
}

impl DataDir {
    /// Puts ids of calculations that wait, in the order in which they were accepted, in the order in which they are run.
    ///
    /// # Errors
    /// If the order cannot be read.
    pub fn in_order(&self, mut waiting: Vec<u32>) -> Result<Vec<u32>> {
        let order = self.kept_order()?;
        waiting.sort_by_key(|id| order.iter().position(|other| other == id).unwrap_or(order.len()));
        Ok(waiting)
    }

    /// Changes the order of those that `waiting` gives, which is asked when no other process changes it: `change` is given them in order.
    ///
    /// # Errors
    /// Those of `waiting` and `change`, or if the order cannot be kept; then it is as it was.
    pub fn change_order<E: From<Error>>(
        &self,
        waiting: impl FnOnce() -> Result<Vec<u32>, E>,
        change: impl FnOnce(&[u32]) -> Result<Vec<u32>, E>,
    ) -> Result<(), E> {
        let hidden = self.path().join(HIDDEN);
        let (lock, shown) = (hidden.join(LOCK), self.shown().join(HIDDEN));
        let open = || fs::create_dir_all(&hidden).and_then(|()| File::create(lock));
        // given back when it is closed
        let _lock = open().and_then(|file| file.lock().map(|()| file)).map_err(io(&shown.join(LOCK)))?;
        let order = change(&self.in_order(waiting()?)?)?;
        Ok(write_json(&hidden.join(ORDER), &shown.join(ORDER), &order)?)
    }

    /// The file of the order, as it is; empty if nobody changed it.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn order_text(&self) -> Result<Vec<u8>> {
        match fs::read(self.order_file()) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(vec![]),
            text => text.map_err(io(&self.shown().join(HIDDEN).join(ORDER))),
        }
    }

    fn order_file(&self) -> PathBuf {
        self.path().join(HIDDEN).join(ORDER)
    }

    fn kept_order(&self) -> Result<Vec<u32>> {
        let shown = self.shown().join(HIDDEN).join(ORDER);
        if !self.is_through_mount() {
            return Ok(read_json(&self.order_file(), &shown)?.unwrap_or_default());
        }
        let mut text = vec![0; 1 << 16];
        let size = rustix::fs::getxattr(self.path(), ORDER_XATTR, &mut text[..]).map_err(|e| io(&shown)(e.into()))?;
        if size == 0 {
            return Ok(vec![]);
        }
        serde_json::from_slice(&text[..size]).map_err(|error| Error::Json { path: shown, error })
    }
}

impl Move {
    /// The order after `id` is moved among those that are `mine`, which change places with each other alone; `None` if it, or the one that
    /// it is put before, is not among them.
    pub fn made(self, order: &[u32], id: u32, mine: impl Fn(u32) -> bool) -> Option<Vec<u32>> {
        let mut own: Vec<u32> = order.iter().copied().filter(|id| mine(*id)).collect();
        own.remove(own.iter().position(|other| *other == id)?);
        let at = match self {
            Self::First => 0,
            Self::Last => own.len(),
            Self::Before(other) if other == id => return Some(order.to_vec()),
            Self::Before(other) => own.iter().position(|own| *own == other)?,
        };
        own.insert(at, id);
        let mut own = own.into_iter();
        order.iter().map(|id| if mine(*id) { own.next() } else { Some(*id) }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_moved_among_those_of_its_owner() {
        let all = |_| true;
        let order = [3, 4, 5, 6];
        assert_eq!(Move::First.made(&order, 5, all).unwrap(), [5, 3, 4, 6]);
        assert_eq!(Move::Last.made(&order, 3, all).unwrap(), [4, 5, 6, 3]);
        assert_eq!(Move::Before(4).made(&order, 6, all).unwrap(), [3, 6, 4, 5]);
        assert_eq!(Move::Before(6).made(&order, 3, all).unwrap(), [4, 5, 3, 6]);
        assert_eq!(Move::Before(4).made(&order, 4, all).unwrap(), order);
        assert_eq!(Move::First.made(&order, 7, all), None);
        // whose are the even ones
        let even = |id| id % 2 == 0;
        let order = [3, 4, 5, 6, 7, 8];
        assert_eq!(Move::First.made(&order, 8, even).unwrap(), [3, 8, 5, 4, 7, 6]);
        assert_eq!(Move::Before(6).made(&order, 8, even).unwrap(), [3, 4, 5, 8, 7, 6]);
        assert_eq!((Move::First.made(&order, 3, even), Move::Before(5).made(&order, 8, even)), (None, None));
    }

    #[test]
    fn the_order_is_kept_and_what_is_new_comes_after() {
        let tmp = tempfile::tempdir().unwrap();
        let dir = DataDir::open(tmp.path()).unwrap();
        assert_eq!(dir.in_order(vec![2, 3, 4]).unwrap(), [2, 3, 4]);
        let change = |order: &[u32]| Ok::<_, Error>(Move::First.made(order, 4, |_| true).unwrap());
        dir.change_order(|| Ok(vec![2, 3, 4]), change).unwrap();
        assert_eq!(DataDir::open(tmp.path()).unwrap().in_order(vec![2, 3, 4, 5, 6]).unwrap(), [4, 2, 3, 5, 6]);
        assert_eq!(dir.in_order(vec![3, 5]).unwrap(), [3, 5]);
        assert_eq!(dir.order_text().unwrap(), b"[4,2,3]\n");
    }
}
