/** What each command does, told at length by its own help. */
export const commandDetails = {
  adopt: `This looks at a BiomAid that was installed by hand: where it runs and by what it
is started, its version and what the site changed, its settings (loaded by its
own Python, as its own user), its database, media, local settings, web server
and cron. Each thing it finds comes along, takes another form, is lost, or is
for you to decide, with the line to write or to type.

WHERE is the folder of the site, or the name of its service; it can be left out
where only one runs. Type it as root, on the very machine. It needs no Docker,
takes seconds, and changes nothing.

--stand-in, in the folder that --write has made, puts the updater's proxy in
front of the site: it takes the place of gunicorn's socket, by a rename, and
leads to gunicorn. Nobody notices; nginx, gunicorn, its database and its files
stay as they are. updater status shows the site, announce reaches its users.
--undo leaves everything as it was found.

--rehearse tries the move on a copy of the site's data, which nobody reaches,
and asks gunicorn and the copy for the same pages, as the same user. It says how
long users would wait, and what would show otherwise.

--switch moves the site in, at the version that runs. While users work it copies
database and media and prepares the containers; then their requests wait for
some seconds, in which what was written last comes along. The old database is
closed, and takes in what users write from then on: updater rollback leads back
to the old installation, with all of it. --finish ends that, and says what may
be removed. For a large database PostgreSQL may have to be restarted first: it
says so, with what else that cuts off, and waits for --restart-database.

Examples:
  updater adopt
  updater adopt /home/production/biomaid --write /etc/biomaid --report site.html
  updater adopt --stand-in
  updater adopt --rehearse
  updater adopt --switch --at quiet
  updater adopt --finish

Exit codes: 0 done · 1 refused · 2 command line or configuration · 3 failed,
everything is as it was · 4 failed, needs a human · 5 live, something is left to
tidy`,

  init: `In order: open the port, copy the media, build the image, create the database,
restore the dump, migrate, boot, ask the site's pages, open the site. If
anything fails, everything is removed again.

It never touches an instance that exists, nor the site that a dump and media
come from. A newer dump goes into the new site with: updater restore FILE

Examples:
  updater init 0.8.0
  updater init 0.14.10 --from-dump production.dump --media /srv/old/media

Exit codes: 0 done · 1 refused · 2 command line or configuration · 3 failed,
removed again`,

  versions: `Tags are compared as versions: 0.14.10 comes after 0.14.9. The line of a version
is the beginning of its notes in NEWS.md.

Examples:
  updater versions
  updater versions --all

Exit codes: 0 done · 1 refused · 2 command line or configuration`,

  build: `A swap builds by itself; this only does it earlier. The serving version is not
touched.

Example:
  updater build 0.8.1

Exit codes: 0 done · 1 refused or does not build · 2 command line or
configuration`,

  plan: `This reads the repositories and looks at production: the versions in between,
their notes, the migrations to come, what differs in settings, packages and
local settings, the disk and memory it takes, whether the image is built, the
last rehearsal, and the steps a swap runs with their undo.

It takes no lock, clones nothing, runs nothing of the new version and changes
nothing. What migrations do to the data, only a rehearsal can tell. Long lists
are cut short; --verbose shows all of them.

Examples:
  updater plan 0.8.1
  updater plan 0.8.1 --verbose
  updater plan --local-only

Exit codes: 0 done · 1 refused, as a swap would be · 2 command line or
configuration`,

  rehearse: `A rehearsal does what a swap does, on a copy of the live database that nobody
reaches: it builds, clones, migrates, boots, asks the pages as a signed-in user.
Production only pays for the reads. Containers of a rehearsal have no network:
no mail goes out, no job runs; the media are read-only.

Then it says what the migrations do, what changes in the data, which pages
break, how long users would wait, and whether the version is ready. A swap
knows: it refuses what was found not ready.

Afterwards everything is removed, also what an interrupted one left. With --keep
it stays, on a port of this machine, under a banner, until:
  updater rehearse --remove

A script of the site's own (rehearse.sanitize) can change the copy first.

Examples:
  updater rehearse 0.8.1
  updater rehearse 0.8.1 --report rehearsal.html
  updater rehearse 0.8.1 --keep
  updater rehearse --local-only main

Exit codes: 0 ready, perhaps with remarks · 1 not ready, or refused · 2 command
line or configuration · 3 it could not be carried out, everything is as before ·
4 failed, needs a human`,

  settings: `diff compares BiomAid's example settings of the serving version and of TAG, and
says which of those names your site sets. Values of your site are not shown.

edit opens the site's instance_settings.py in $VISUAL or $EDITOR, checks it as
check does, shows the difference and, if you agree, puts it in place. Text that
was not put in place stays beside the file. Production keeps the settings it has
until: updater swap --settings-only

check tries an instance_settings.py (and instance_config.toml) with the version
that is serving: it loads them, then boots the version on a copy of the live
database that nobody reaches and asks its pages as a signed-in user. Without a
file it tries the site's own, which counts from the next swap on.

Before init, check loads the settings with TAG, or with the newest version: what
does not load is told with its file and line before anything is made.

Production runs nothing of it, and nothing of it stays. What it prints of a
line at fault has no text in quotes: it may be a password.

Examples:
  updater settings diff 0.8.1
  updater settings edit
  updater settings check
  updater settings check --settings new_settings.py

Exit codes: 0 fit · 1 not fit, or refused · 2 command line or configuration`,

  swap: `In order:
  1. Check the tag, the disk, the memory, the health of the serving version, and
     what a rehearsal found. Each check can be overridden by its name, with
     --override; docs/commands/swap.md lists them.
  2. Build the image at TAG, unless it is there already.
  3. Clone the live database, and start the new version beside the old one.
     Nobody notices, however long this takes.
  4. Close the gate: requests wait. Stop writes, let the clone take in the last
     of them, migrate the clone, ask the new version for its pages as a
     signed-in user.
  5. Switch and open the gate: the requests that waited are answered.
  6. Watch the new version for a while (probation), then stop the old one and
     keep it, container and database.

Whatever fails before the switch, and Ctrl-C, undoes everything: the old version
goes on. If the new one fails its probation, the old one comes back by itself
when that loses nothing; otherwise the decision is yours.

It never migrates the serving database, never goes to an older version, and
keeps no request waiting for longer than hold.max.

Examples:
  updater swap 0.8.1
  updater swap 0.8.1 --override values-changed
  updater swap 0.8.1 --at "22:30"
  updater swap 0.8.1 --local 3f2c9a1   other local settings than the rule's
  updater swap --local-only            what serves, with new local settings
  updater swap --settings-only         what serves, with the site's new settings

Exit codes: 0 done · 1 refused · 2 command line or configuration · 3 failed, the
old version is serving · 4 failed, needs a human · 5 live, something is left to
tidy`,

  rollback: `In order: load the previous version, close the gate, stop writes, let its
database catch up, boot and probe it, switch, open the gate, stop the generation
left. That one is kept until the next swap or prune, to be looked at.

What users wrote since the swap comes along: the previous database has followed.
Where the previous version has no place for something, the rollback is refused
and says how many rows of which tables; --accept-data-loss leaves those out.
--export alone writes them down and changes nothing; with --accept-data-loss it
writes exactly what is left out. Its SQL brings those rows back after the next
swap to the version they were written with.

It never migrates either database, and never goes back twice: after a rollback,
only a swap leads forward.

Examples:
  updater rollback
  updater rollback --export lost
  updater rollback --accept-data-loss

Exit codes: 0 done · 1 refused · 2 command line or configuration · 3 failed, the
same version is serving as before · 4 failed, needs a human · 5 live, something
is left`,

  doctor: `This looks at the engine, disk, memory, clock and network of this machine, at
the configuration and the permissions of its files, and at the site: what runs,
what earlier operations left, the database's settings, TLS, rehearsals, backups.
For each thing that is not as it must be: what, why it matters, the command to
type.

It changes nothing; a container or two live for a moment, and what a killed
rehearsal left behind is removed, as by every command. It
works before updater init, and with a configuration that has errors.

Examples:
  updater doctor
  updater doctor --json

Exit codes: 0 fit, perhaps with warnings · 1 there is a problem · 2 command line`,

  status: `It takes no lock: you can ask while an operation runs.

Examples:
  updater status
  updater status --metrics

Exit codes: 0 done · 1 refused · 2 command line or configuration · 4 what the
updater keeps of the site is damaged · 5 the version left follows no longer, a
job failed or is late, or nothing runs the jobs or a scheduled swap`,

  history: `The last 200 operations, newest last. The id at the end of a line is for:
  updater logs --operation ID

Exit codes: 0 done · 1 refused · 2 command line or configuration`,

  logs: `Logs of operations hold everything that builds, migrations and hooks printed;
the last twenty are kept.

Examples:
  updater logs --follow
  updater logs --operation

Exit codes: 0 done · 1 refused · 2 command line or configuration`,

  backup: `In order: dump the live database (pg_dump), restore that into a database that is
thrown away, let BiomAid make its own backup there (manage.py backup, or
dumpdata before 0.13), load that too. Whatever can be restored is kept, in the
site's volume for backups, under a name that says when, which version and which
kind, and never in the place of another.

People go on working; each backup holds all that was written before it began. A
swap does the same by itself (backup.before_swap), from its clone. What is
kept, and for how long: [backup] in updater.toml.

With [backup.snapshots] it then takes a snapshot of the media, the settings,
local and these backups, to a folder, another host or S3-compatible storage, and
reads back what is new. Only what changed is sent and kept.

Example, for every night (cron):
  30 1 * * *  root  updater --config /etc/biomaid/updater.toml backup

Exit codes: 0 done · 1 refused · 2 command line or configuration · 3 failed;
what was verified before is kept`,

  backups: `The newest first. Files that the updater did not make are listed too. A file
that is gone or no longer as long as it was is shown as damaged. Then snapshots,
where [backup.snapshots] names a repository of them.

Exit codes: 0 done · 1 a backup is damaged, snapshots cannot be reached, or
refused · 2 command line or configuration`,

  restore: `NAME is one of updater backups. In order: compare its size and checksum with
what was verified, and let pg_restore read it; load it into a new database;
start the version it is of beside the serving one, boot and probe it. Only then
users wait, for as long as the switch takes.

What was written since the backup is not in it: it says of when the backup is
and how many rows that are, and asks for --accept-data-loss. What served before
is kept, as after a swap: updater rollback --accept-data-loss returns to it.

A backup of BiomAid's own kind (.json.bz2) lacks sessions and the contents of
external tables: updater exec -- python manage.py extable_update

It never touches the serving database.

NAME may be a snapshot. Its media and its database backup are then fetched and
verified first. The backup is restored as above, and media come back with it:
those that are gone or changed since; newer ones stay. Settings and local are
today's.
--into FOLDER only writes its files to a folder: settings, secrets, local,
media, database backups, updater.toml. It needs no instance.

NAME may be the path of a dump that the updater did not make (what init
--from-dump takes): the version that serves takes it in, as it is.

Examples:
  updater restore 2026-11-25T14-03-08Z-0.8.1.dump
  updater restore 2026-11-25T14-03-08Z-0.8.1.dump --accept-data-loss
  updater restore 27e42c97 --into /srv/back
  updater restore ./production.dump

Exit codes: 0 done · 1 refused · 2 command line or configuration · 3 failed,
what served goes on · 4 failed, needs a human · 5 live, something is left to
tidy`,

  attach: `An operation is run by the Docker engine, in a container of its own: it goes on
when the terminal is closed or the connection lost. This shows it from its first
line on, until its end.

Ctrl-C interrupts the operation; closing the terminal does not.

Examples:
  updater swap 0.8.1 --detach
  updater attach

Exit codes: those of the operation · 0 when there is none · 1 refused ·
2 command line or configuration`,

  recover: `Before the switch it is undone, after it finished, from the journal the updater
keeps of its steps. Users who wait at the closed gate are answered then.
Operations and prune do this too before their own work; commands that only look
do not, and status and doctor tell of it. An operation whose updater lives is
left alone.

It also starts what of the serving generation was stopped, frozen or removed by
hand, as long as its volumes are there.

Exit codes: 0 undone, finished, or nothing to do · 1 refused · 2 command line or
configuration · 4 it could not be ended · 5 live, something is left to tidy`,

  exec: `The command runs in BiomAid's folder, as BiomAid's user. What comes after -- is
passed on as it is; the exit code is the command's own.

Examples:
  updater exec -- python manage.py showmigrations`,

  scheduled: `updater swap TAG --at "22:30" lets the scheduler begin the swap, also when you
have logged out, and after a reboot. Two hours before
(scheduled.rehearse_before) it rehearses the version; if that finds it not
ready, the swap is cancelled. It waits for an operation that goes on. One that
could not begin within half an hour of its moment is given up. With --at quiet
the moment is the quietest half-hour of the coming week (updater slots) that
leaves time to rehearse. Moments are in the time zone of [jobs].

How it ended is told by mail, to a webhook or to a program, as [scheduled] in
updater.toml says; what could not be delivered is shown here.

Examples:
  updater swap 0.8.1 --at "22:30"
  updater swap 0.8.1 --at quiet
  updater swap --settings-only --at "2026-12-01 22:30"
  updater scheduled
  updater scheduled cancel

Exit codes: 0 done · 1 refused · 2 command line or configuration`,

  jobs: `With [jobs] enabled in updater.toml, the engine keeps a scheduler alive, also
after a reboot. It runs the jobs that are due on the version that serves at that
moment, in a container of their own: one run at a time, never twice, never while
users wait, never in a rehearsal. What was missed is made up once. A swap waits
for a run to end, and none begins until it has switched or is undone.

init and swap start the scheduler. Start it anew when the updater itself was
updated, or runs as another user.

Examples:
  updater jobs
  updater jobs run daily
  updater jobs log daily

Exit codes: 0 done · 1 refused · 2 command line or configuration · 3 the jobs
that were run did not end well`,
  announce: `A banner above the pages of BiomAid, in the colours of [messages] in the
configuration. Whoever has closed it does not see it again in that window. A new
one replaces the one before. Without TEXT and --remove it says which one is
there.

With --whats-new it is about the box that shows each user once what is new in
the serving version, as [messages.whats_new] says: it is brought (again), or
with --remove taken away. A swap brings it by itself where that is enabled.

TIME is 22:30, for the next time it is that late, or "2026-11-25 22:30", in the
time zone of [jobs].

It changes no page that is open, no download, nothing asked for in the
background, and nothing at all of BiomAid. The proxy puts it there: an instance
that was created before there was this command has a proxy that cannot.

Examples:
  updater announce "BiomAid stops for a moment tonight at 22:30." --until 22:40
  updater announce --remove
  updater announce --whats-new --remove

Exit codes: 0 done · 1 refused · 2 command line or configuration`,

  slots: `This counts the requests in the log of the proxy that a hold would have kept
waiting, by half-hours of the week, and shows a chart: a line for each day, a
column for each half-hour. The engine keeps the last 100 MB of that log; no more
than eight weeks are read. Times are in the time zone of [jobs] in updater.toml.

It takes no lock and changes nothing.

Examples:
  updater slots
  updater --json slots

Exit codes: 0 done · 1 refused, for example when the log is too young ·
2 command line or configuration`,

  relocate: `The updater remembers in which folder the site's updater.toml lies, and
changes nothing of the site from another one: a copy of the folder must not put
its settings in front of the users. After the folder was moved, type this in the
new one. The users notice nothing.

Example:
  cd /srv/biomaid && updater relocate

Exit codes: 0 done · 1 refused · 2 command line or configuration`,

  prune: `What is kept: the serving generation and as many before it as
retention.generations says. What is deleted: the other generations, with their
data, and the images that none of the kept ones was made from. After
rollback.window the database of the version left stops following, too.

Example, for every night (cron):
  30 4 * * *  root  updater --config /etc/biomaid/updater.toml prune

Exit codes: 0 done · 1 refused · 2 command line or configuration`,

  destroy: `Containers, volumes, network and images of this instance go, and no other's.
There is no way back.

Example:
  updater destroy --yes production

Exit codes: 0 done · 1 refused · 2 command line or configuration`,
};
