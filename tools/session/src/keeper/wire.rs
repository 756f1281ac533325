//! How builder and keeper talk: packets over a socket, and the end of a child as
//! something to read.

use std::ffi::OsString;
use std::io::{self, IoSlice, IoSliceMut, Read};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::retry_on_intr;
use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, SocketFlags, SocketType, recvmsg, sendmsg, socketpair,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use signal_hook::consts::SIGCHLD;
use signal_hook::low_level::pipe;

/// More than any request or word: the kernel's own bound for a packet is about
/// 200 KiB.
const PACKET: usize = 256 << 10;

/// Two ends of a socket that keeps packets apart.
pub fn sockets() -> io::Result<(OwnedFd, OwnedFd)> {
    let (kind, flags) = (SocketType::SEQPACKET, SocketFlags::CLOEXEC);
    Ok(socketpair(AddressFamily::UNIX, kind, flags, None)?)
}

/// What a keeper is asked to keep.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub enum Request {
    /// A folder, which comes with its lock.
    Folder(PathBuf),
    /// A program, which comes with its output and its input.
    Program(Program),
    /// That nothing is left of the program.
    LetGo,
}

/// A program that is to be kept.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Program {
    /// Its name and its arguments.
    pub words: Vec<OsString>,
    /// Where it runs, if not where its builder does.
    pub folder: Option<PathBuf>,
    /// What is not as in the builder's environment.
    pub environment: Vec<(OsString, Option<OsString>)>,
}

impl Program {
    pub fn command(self) -> Command {
        let mut command = Command::new(&self.words[0]);
        command.args(&self.words[1..]);
        self.folder.map(|folder| command.current_dir(folder));
        for (name, value) in self.environment {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        command
    }
}

/// Sends a request or a word, with descriptors.
pub fn send(to: impl AsFd, what: &impl Serialize, with: &[BorrowedFd]) -> io::Result<()> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(2))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    control.push(SendAncillaryMessage::ScmRights(with));
    let packet = serde_json::to_vec(what)?;
    let flags = SendFlags::NOSIGNAL;
    sendmsg(to, &[IoSlice::new(&packet)], &mut control, flags)?;
    Ok(())
}

/// Receives one; `None` when the other end is closed.
pub fn receive<T: DeserializeOwned>(from: impl AsFd) -> io::Result<Option<(T, Vec<OwnedFd>)>> {
    let mut packet = vec![0; PACKET];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(2))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let mut into = [IoSliceMut::new(&mut packet)];
    let flags = RecvFlags::CMSG_CLOEXEC;
    let length = retry_on_intr(|| recvmsg(&from, &mut into, &mut control, flags))?.bytes;
    if length == 0 {
        return Ok(None);
    }
    let mut with = Vec::new();
    for message in control.drain() {
        if let RecvAncillaryMessage::ScmRights(descriptors) = message {
            with.extend(descriptors);
        }
    }
    Ok(Some((serde_json::from_slice(&packet[..length])?, with)))
}

/// SIGCHLD, as something to read.
pub struct ChildEnds(UnixStream);

impl ChildEnds {
    pub fn take() -> io::Result<Self> {
        let (ours, handlers) = UnixStream::pair()?;
        pipe::register(SIGCHLD, handlers)?;
        Ok(Self(ours))
    }

    /// Waits until a child has ended, or a socket has something to read or is
    /// closed; tells which, or neither when the time is over.
    pub fn or(&mut self, socket: impl AsFd, limit: Option<Duration>) -> io::Result<[bool; 2]> {
        let which = readable([Some(self.0.as_fd()), Some(socket.as_fd())], limit)?;
        if which[0] {
            let _ = self.0.read(&mut [0; 64])?;
        }
        Ok(which)
    }
}

/// Which of these can be read from, or are closed at their other end; none of
/// them when the time is over.
pub fn readable<const N: usize>(
    sources: [Option<BorrowedFd>; N],
    limit: Option<Duration>,
) -> io::Result<[bool; N]> {
    let there = sources.iter().flatten();
    let mut polled: Vec<_> = there
        .map(|source| PollFd::from_borrowed_fd(*source, PollFlags::IN))
        .collect();
    let limit = limit.and_then(|limit| Timespec::try_from(limit).ok());
    retry_on_intr(|| poll(&mut polled, limit.as_ref()))?;
    let mut polled = polled.iter();
    Ok(sources.map(|source| {
        let polled = source.and_then(|_| polled.next());
        polled.is_some_and(|polled| !polled.revents().is_empty())
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_arrives_as_it_was_sent() {
        let (ours, theirs) = sockets().expect("sockets");
        let request = Request::Program(Program {
            words: ["/bin/ls", "", "a b", "=", "\u{e9}\n"]
                .map(OsString::from)
                .into(),
            folder: Some("/tmp".into()),
            environment: vec![
                ("HOLDS".into(), Some("a=b".into())),
                ("EMPTY".into(), Some("".into())),
                ("GONE".into(), None),
            ],
        });
        send(&ours, &request, &[ours.as_fd()]).expect("sent");
        let (arrived, with) = receive::<Request>(&theirs)
            .expect("read")
            .expect("a request");
        assert_eq!(with.len(), 1);
        assert_eq!(arrived, request);

        drop((ours, with));
        assert!(receive::<Request>(&theirs).expect("read").is_none());
    }
}
