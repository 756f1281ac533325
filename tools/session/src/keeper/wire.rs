//! How builder and keeper talk: packets over a socket, and the end of a child as
//! something to read.

use std::ffi::OsString;
use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, FromRawFd, OwnedFd};
use std::process::Command;
use std::ptr;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::{read, retry_on_intr};
use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, SocketFlags, SocketType, recv, recvmsg, send, sendmsg,
    socketpair,
};
use serde::{Deserialize, Serialize};

use super::Word;

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
    Folder(OsString),
    /// A program, which comes with its output and its input.
    Program(Program),
    /// That nothing is left of the program.
    LetGo,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub struct Program {
    /// Its name and its arguments.
    words: Vec<OsString>,
    folder: Option<OsString>,
    /// What is not as in the keeper's own environment.
    environment: Vec<(OsString, Option<OsString>)>,
}

impl Program {
    pub fn of(command: &Command) -> io::Result<Self> {
        let words = std::iter::once(command.get_program()).chain(command.get_args());
        let words: Vec<OsString> = words.map(OsString::from).collect();
        // What a `Command` has in the place of a word that it cannot hand on.
        if words.iter().any(|word| word == "<string-with-nul>") {
            return Err(io::Error::other("a word of the command holds a NUL"));
        }
        let environment = command.get_envs();
        Ok(Self {
            words,
            folder: command.get_current_dir().map(OsString::from),
            environment: environment
                .map(|(name, value)| (name.into(), value.map(OsString::from)))
                .collect(),
        })
    }

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

impl Request {
    /// Sends it, with descriptors.
    pub fn send(&self, to: impl AsFd, with: &[BorrowedFd]) -> io::Result<()> {
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(2))];
        let mut control = SendAncillaryBuffer::new(&mut space);
        control.push(SendAncillaryMessage::ScmRights(with));
        let packet = serde_json::to_vec(self)?;
        let flags = SendFlags::NOSIGNAL;
        sendmsg(to, &[IoSlice::new(&packet)], &mut control, flags)?;
        Ok(())
    }

    /// Receives one; `None` when the other end is closed.
    pub fn receive(from: impl AsFd) -> io::Result<Option<(Self, Vec<OwnedFd>)>> {
        let mut packet = vec![0; PACKET];
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(2))];
        let mut control = RecvAncillaryBuffer::new(&mut space);
        let mut into = [IoSliceMut::new(&mut packet)];
        let length = recvmsg(from, &mut into, &mut control, RecvFlags::CMSG_CLOEXEC)?.bytes;
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
}

/// Sends a word. A builder that is gone need not be told.
pub fn say(to: impl AsFd, word: &Word) {
    if let Ok(text) = serde_json::to_vec(word) {
        let _ = send(to, &text, SendFlags::NOSIGNAL);
    }
}

/// The next word; `None` when nobody can say one any more.
pub fn hear(from: impl AsFd) -> Option<Word> {
    let mut packet = [0; 4096];
    let (length, _) = retry_on_intr(|| recv(&from, &mut packet[..], RecvFlags::empty())).ok()?;
    serde_json::from_slice(&packet[..length]).ok()
}

/// SIGCHLD, as a descriptor; it interrupts nothing.
pub struct ChildEnds(OwnedFd);

impl ChildEnds {
    pub fn take() -> io::Result<Self> {
        let mut set = MaybeUninit::uninit();
        // SAFETY: sigemptyset(3) makes the set, and the others change and read it;
        // the descriptor is new, and nobody else's.
        unsafe {
            libc::sigemptyset(set.as_mut_ptr());
            libc::sigaddset(set.as_mut_ptr(), libc::SIGCHLD);
            libc::sigprocmask(libc::SIG_BLOCK, set.as_ptr(), ptr::null_mut());
            match libc::signalfd(-1, set.as_ptr(), libc::SFD_CLOEXEC) {
                -1 => Err(io::Error::last_os_error()),
                descriptor => Ok(Self(OwnedFd::from_raw_fd(descriptor))),
            }
        }
    }

    /// Waits until a child has ended, or a socket has something to read or is
    /// closed; tells which, or neither when the time is over.
    pub fn or(&self, socket: impl AsFd, limit: Option<Duration>) -> io::Result<[bool; 2]> {
        let which = readable([Some(self.0.as_fd()), Some(socket.as_fd())], limit)?;
        if which[0] {
            read(&self.0, &mut [0; size_of::<libc::signalfd_siginfo>()][..])?;
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
        let mut program = Command::new("/bin/ls");
        program
            .args(["", "a b", "=", "\u{e9}\n"])
            .current_dir("/tmp");
        program
            .env("HOLDS", "a=b")
            .env("EMPTY", "")
            .env_remove("GONE");
        let request = Request::Program(Program::of(&program).expect("plain words"));
        request.send(&ours, &[ours.as_fd()]).expect("sent");
        let (arrived, with) = Request::receive(&theirs).expect("read").expect("a request");
        assert_eq!(with.len(), 1);
        assert_eq!(arrived, request);

        assert!(Program::of(Command::new("ls").arg("a\0b")).is_err());
        drop((ours, with));
        assert!(Request::receive(&theirs).expect("read").is_none());
    }
}
