"""What a gateway occupies on its machine: listeners, a private folder for its own sockets, a file that tells of it."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from understudy.config.model import Service
from understudy.process import running
from understudy.process.admin_door import AdminDoor, AdminPlace
from understudy.process.generations import Generation, mirrors_of
from understudy.process.listeners import close_all, open_doors, open_unix_door
from understudy.process.running import Running


class Premises:
    """Owner of all listening sockets of the supervisor."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = env
        self._home: Path | None = None
        """The folder in which running gateways are found."""
        self._folder: Path | None = None
        self._file: Path | None = None
        self._generations: list[Generation] = []
        self.admin: AdminDoor | None = None

    def prepare(self) -> str:
        """Makes the folders; a sentence when other commands will not find this gateway, else ""."""
        try:
            self._home = running.own_folder(self._env)
            running.sweep(self._home)
        except (OSError, running.UnsafeFolder) as error:
            self._folder = running.sockets_folder(None)
            return f"other commands will not find this gateway: {error}"
        self._folder = running.sockets_folder(self._home)
        return ""

    def open(self, number: int, service: Service) -> Generation:
        """A generation with all its listeners; those that another one has already are shared. Raises ListenError."""
        opened: list[socket.socket] = []
        try:
            doors = self._doors(service, opened)
            unix = self._unix(service, opened)
            generation = Generation(number, service, doors, unix)
            for index in range(mirrors_of(service)):
                assert self._folder is not None
                path = str(self._folder / f"{number}-{index}")
                link = open_unix_door(path)
                opened.append(link)
                generation.links.append((path, link))
        except Exception:
            close_all(opened)
            raise
        self._generations.append(generation)
        return generation

    def close(self, generation: Generation) -> None:
        """Closes what only this generation used."""
        self._generations.remove(generation)
        used = {sock for other in self._generations for sock in (*other.doors, other.unix)}
        close_all([door for door in generation.doors if door not in used])
        unix = generation.unix
        if unix is not None and unix not in used:
            self._close_unix(unix, generation.service.process.listen_unix)
        for path, link in generation.links:
            link.close()
            Path(path).unlink(missing_ok=True)

    def close_doors(self) -> None:
        """From now on nobody new is let in, once the workers too have let go."""
        for generation in self._generations:
            close_all(generation.doors)
            if generation.unix is not None:
                self._close_unix(generation.unix, generation.service.process.listen_unix)

    def open_admin(self, place: AdminPlace) -> AdminDoor:
        """The admin side's listener: the one that is there, or another. Raises ListenError."""
        return self.admin if self.admin is not None and self.admin.place == place else AdminDoor(place)

    def use_admin(self, door: AdminDoor | None) -> None:
        """From now on the admin side listens there; the listener before is closed."""
        if self.admin is not None and self.admin is not door:
            self.admin.sock.close()
        self.admin = door

    def announce(self, told: Running) -> None:
        """Writes the file that tells of this gateway, or writes it again."""
        if self._home is not None:
            self._file = running.write(self._home, told)

    def sockets(self) -> Iterator[socket.socket]:
        """All that is open."""
        for generation in self._generations:
            yield from generation.doors
            yield from (link for _, link in generation.links)
            if generation.unix is not None:
                yield generation.unix
        if self.admin is not None:
            yield self.admin.sock

    def leave(self) -> None:
        """Closes and removes everything."""
        self.close_doors()
        for generation in list(self._generations):
            self.close(generation)
        self.use_admin(None)
        if self._file is not None:
            self._file.unlink(missing_ok=True)
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _doors(self, service: Service, opened: list[socket.socket]) -> list[socket.socket]:
        beside: Iterable[socket.socket] = ()
        for other in self._generations:
            if (other.service.listen_ip, other.service.port) == (service.listen_ip, service.port):
                beside = other.doors
        there = list(beside)[: service.process.workers]
        missing = service.process.workers - len(there)
        fresh = open_doors(service.listen_ip, service.port, missing, there)
        opened.extend(fresh)
        return [*there, *fresh]

    def _unix(self, service: Service, opened: list[socket.socket]) -> socket.socket | None:
        path = service.process.listen_unix
        if path is None:
            return None
        for other in self._generations:
            if other.unix is not None and other.service.process.listen_unix == path:
                return other.unix
        sock = open_unix_door(path)
        opened.append(sock)
        return sock

    def _close_unix(self, sock: socket.socket, path: str | None) -> None:
        if sock.fileno() >= 0:
            sock.close()
            if path:
                Path(path).unlink(missing_ok=True)
