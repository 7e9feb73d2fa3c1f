"""The schema's history: numbered, append-only. A store of any earlier version opens.

Vectors are little-endian float32 BLOBs; bits are `morphcore.frames.pack`ed, 5,000 bytes a frame;
times of day are seconds since 1970, UTC. AUTOINCREMENT: an id that was deleted is never used again,
so that a link, a cache or a resumed job cannot mean something else by it.
"""

from sqlite_utils import Database, Migrations

from store import contrast_2026

MIGRATIONS = Migrations("morph")


def _script(db: Database, statements: str) -> None:
    # One by one: executescript would commit the migration's transaction before it is recorded.
    for statement in statements.split(";"):
        if statement.strip():
            db.execute(statement)


@MIGRATIONS()
def m001_first(db: Database) -> None:
    _script(
        db,
        """
    CREATE TABLE datasets (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL UNIQUE,
        kind TEXT NOT NULL CHECK (kind IN ('simulated', 'imported')),
        config TEXT NOT NULL,
        created REAL NOT NULL
    );
    CREATE TABLE trajectories (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        dataset_id INTEGER NOT NULL REFERENCES datasets(id) ON DELETE CASCADE,
        name TEXT NOT NULL,
        phi REAL,
        chi REAL,
        params TEXT NOT NULL,
        time_unit TEXT NOT NULL,
        periodic INTEGER NOT NULL,
        frame_count INTEGER NOT NULL,
        source_file TEXT,
        source_size INTEGER,
        source_sha256 TEXT,
        UNIQUE (dataset_id, name)
    );
    CREATE INDEX trajectories_source ON trajectories(dataset_id, source_sha256);
    CREATE TABLE frames (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        trajectory_id INTEGER NOT NULL REFERENCES trajectories(id) ON DELETE CASCADE,
        idx INTEGER NOT NULL,
        time INTEGER NOT NULL,
        uniform INTEGER NOT NULL,
        UNIQUE (trajectory_id, idx)
    );
    CREATE TABLE pictures (
        frame_id INTEGER PRIMARY KEY REFERENCES frames(id) ON DELETE CASCADE,
        bits BLOB NOT NULL,
        png BLOB NOT NULL
    );
    CREATE TABLE descriptors (
        frame_id INTEGER PRIMARY KEY REFERENCES frames(id) ON DELETE CASCADE,
        fraction REAL NOT NULL,
        length REAL NOT NULL
    );
    CREATE TABLE rejections (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        dataset_id INTEGER NOT NULL REFERENCES datasets(id) ON DELETE CASCADE,
        file TEXT NOT NULL,
        reason TEXT NOT NULL,
        UNIQUE (dataset_id, file)
    );
    CREATE TABLE runs (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        dataset_id INTEGER NOT NULL REFERENCES datasets(id) ON DELETE CASCADE,
        name TEXT NOT NULL,
        preset TEXT NOT NULL,
        config TEXT NOT NULL,
        device TEXT,
        created REAL NOT NULL
    );
    CREATE TABLE run_frames (
        run_id INTEGER NOT NULL REFERENCES runs(id) ON DELETE CASCADE,
        frame_id INTEGER NOT NULL REFERENCES frames(id) ON DELETE CASCADE,
        held_out INTEGER NOT NULL,
        PRIMARY KEY (run_id, frame_id)
    ) WITHOUT ROWID;
    CREATE INDEX run_frames_frame ON run_frames(frame_id);
    CREATE TABLE epochs (
        run_id INTEGER NOT NULL REFERENCES runs(id) ON DELETE CASCADE,
        epoch INTEGER NOT NULL,
        seconds REAL NOT NULL,
        learning_rate REAL NOT NULL,
        frames_per_second REAL NOT NULL,
        training_recon_nats REAL NOT NULL,
        training_kl_nats REAL NOT NULL,
        held_out_recon_nats REAL NOT NULL,
        held_out_kl_nats REAL NOT NULL,
        PRIMARY KEY (run_id, epoch)
    ) WITHOUT ROWID;
    CREATE TABLE strips (
        run_id INTEGER NOT NULL REFERENCES runs(id) ON DELETE CASCADE,
        epoch INTEGER NOT NULL,
        frame_ids TEXT NOT NULL,
        png BLOB NOT NULL,
        PRIMARY KEY (run_id, epoch)
    );
    CREATE TABLE checkpoints (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        run_id INTEGER NOT NULL REFERENCES runs(id) ON DELETE CASCADE,
        epoch INTEGER NOT NULL,
        file TEXT NOT NULL,
        size INTEGER NOT NULL,
        sha256 TEXT NOT NULL,
        created REAL NOT NULL
    );
    CREATE INDEX checkpoints_run ON checkpoints(run_id);
    CREATE TABLE latents (
        checkpoint_id INTEGER NOT NULL REFERENCES checkpoints(id) ON DELETE CASCADE,
        frame_id INTEGER NOT NULL REFERENCES frames(id) ON DELETE CASCADE,
        mean BLOB NOT NULL,
        logvar BLOB NOT NULL,
        PRIMARY KEY (checkpoint_id, frame_id)
    ) WITHOUT ROWID;
    CREATE INDEX latents_frame ON latents(frame_id);
    CREATE TABLE projections (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        checkpoint_id INTEGER NOT NULL REFERENCES checkpoints(id) ON DELETE CASCADE,
        config TEXT NOT NULL,
        created REAL NOT NULL,
        UNIQUE (checkpoint_id, config)
    );
    CREATE TABLE projection_points (
        projection_id INTEGER NOT NULL REFERENCES projections(id) ON DELETE CASCADE,
        frame_id INTEGER NOT NULL REFERENCES frames(id) ON DELETE CASCADE,
        x REAL NOT NULL,
        y REAL NOT NULL,
        PRIMARY KEY (projection_id, frame_id)
    ) WITHOUT ROWID;
    CREATE INDEX projection_points_frame ON projection_points(frame_id);
    CREATE TABLE evaluations (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        checkpoint_id INTEGER NOT NULL REFERENCES checkpoints(id) ON DELETE CASCADE,
        metrics TEXT NOT NULL,
        created REAL NOT NULL
    );
    CREATE TABLE jobs (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        kind TEXT NOT NULL,
        args TEXT NOT NULL,
        state TEXT NOT NULL,
        request TEXT,
        stage TEXT NOT NULL DEFAULT '',
        progress REAL NOT NULL DEFAULT 0,
        seconds_left REAL,
        pid INTEGER,
        pid_started REAL,
        heartbeat REAL,
        created REAL NOT NULL,
        started REAL,
        finished REAL,
        result TEXT,
        error TEXT
    );
    CREATE INDEX jobs_state ON jobs(state)
    """,
    )


@MIGRATIONS()
def m002_families_and_twins(db: Database) -> None:
    """The data set whose twins a data set holds; the family and cell of a trajectory.

    Twins are deleted with their data set: without it they have no use.
    """
    _script(
        db,
        """
    ALTER TABLE datasets ADD COLUMN twin_of INTEGER REFERENCES datasets(id) ON DELETE CASCADE;
    ALTER TABLE trajectories ADD COLUMN family TEXT;
    ALTER TABLE trajectories ADD COLUMN cell TEXT;
    CREATE INDEX datasets_twin_of ON datasets(twin_of)
    """,
    )
    plain = db.execute(  # until now, whatever was simulated was the plain blend
        """SELECT t.id, t.phi, t.chi FROM trajectories t JOIN datasets d ON d.id = t.dataset_id
           WHERE d.kind = 'simulated' AND t.phi IS NOT NULL AND t.chi IS NOT NULL"""
    ).fetchall()
    for trajectory_id, phi, chi in plain:
        cell = f"phi{_short(phi, 3)}-chi{_short(chi, 1)}"
        db.execute(
            "UPDATE trajectories SET family = 'neutral', cell = ? WHERE id = ?",
            [cell, trajectory_id],
        )


@MIGRATIONS()
def m003_morphology(db: Database) -> None:
    """More descriptors of a frame; those of an older store are measured anew at the next index."""
    names = "euler components_white components_black connected_white connected_black"
    for name in (*names.split(), "chord_x", "chord_y", "first_zero"):
        db.execute(f"ALTER TABLE descriptors ADD COLUMN {name} REAL")


@MIGRATIONS()
def m004_scatter(db: Database) -> None:
    """The scatter of a checkpoint: the unit of its distances."""
    _script(
        db,
        """
    CREATE TABLE scatter (
        checkpoint_id INTEGER NOT NULL REFERENCES checkpoints(id) ON DELETE CASCADE,
        frame_id INTEGER NOT NULL REFERENCES frames(id) ON DELETE CASCADE,
        distance REAL NOT NULL,
        PRIMARY KEY (checkpoint_id, frame_id)
    ) WITHOUT ROWID;
    CREATE INDEX scatter_frame ON scatter(frame_id)
    """,
    )


@MIGRATIONS()
def m005_notes_and_bin(db: Database) -> None:
    """A note on a run; since when a run lies in the bin, from which it can come back."""
    _script(
        db,
        """
    ALTER TABLE runs ADD COLUMN note TEXT NOT NULL DEFAULT '';
    ALTER TABLE runs ADD COLUMN deleted REAL
    """,
    )


@MIGRATIONS()
def m006_current_run(db: Database) -> None:
    """The run that was made current: one row at most, deleted with its run."""
    _script(
        db,
        """
    CREATE TABLE current_run (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        run_id INTEGER NOT NULL REFERENCES runs(id) ON DELETE CASCADE
    )
    """,
    )


@MIGRATIONS()
def m007_recon_nats(db: Database) -> None:
    """The reconstruction error of each frame by checkpoint, in nats."""
    _script(
        db,
        """
    CREATE TABLE recon_nats (
        checkpoint_id INTEGER NOT NULL REFERENCES checkpoints(id) ON DELETE CASCADE,
        frame_id INTEGER NOT NULL REFERENCES frames(id) ON DELETE CASCADE,
        nats REAL NOT NULL,
        PRIMARY KEY (checkpoint_id, frame_id)
    ) WITHOUT ROWID;
    CREATE INDEX recon_nats_frame ON recon_nats(frame_id)
    """,
    )


@MIGRATIONS()
def m008_geometry(db: Database) -> None:
    """Frames of any size, with a unit; each frame's file; words beside numbers; real times.

    `frames.time` was declared INTEGER, in which SQLite keeps a fraction as it is.
    """
    _script(
        db,
        """
    ALTER TABLE trajectories ADD COLUMN height INTEGER NOT NULL DEFAULT 100;
    ALTER TABLE trajectories ADD COLUMN width INTEGER NOT NULL DEFAULT 400;
    ALTER TABLE trajectories ADD COLUMN periodic_y INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE trajectories ADD COLUMN pixel_size REAL;
    ALTER TABLE trajectories ADD COLUMN length_unit TEXT NOT NULL DEFAULT 'px';
    ALTER TABLE trajectories ADD COLUMN threshold REAL NOT NULL DEFAULT 0.5;
    ALTER TABLE trajectories ADD COLUMN labels TEXT NOT NULL DEFAULT '{}';
    ALTER TABLE frames ADD COLUMN source_file TEXT;
    ALTER TABLE frames ADD COLUMN source_sha256 TEXT
    """,
    )


@MIGRATIONS()
def m009_contrast(db: Database) -> None:
    """Contrast and the ratio of chords; a frame of low contrast is no longer called separated.

    Every picture is read once: 14,535 take about 10 s.
    """
    _script(
        db,
        """
    ALTER TABLE descriptors ADD COLUMN chord_ratio REAL;
    ALTER TABLE descriptors ADD COLUMN contrast REAL
    """,
    )
    trajectories = db.execute(
        """SELECT id, chi, family, height, width, periodic, periodic_y FROM trajectories"""
    ).fetchall()
    for trajectory_id, chi, family, height, width, periodic, periodic_y in trajectories:
        m = None if family is None or chi is None else contrast_2026.binodal(chi)
        rows = db.execute(
            """SELECT f.id, f.uniform, p.png, p.bits FROM frames f
               JOIN pictures p ON p.frame_id = f.id WHERE f.trajectory_id = ?""",
            [trajectory_id],
        )
        changes = []
        for frame_id, uniform, png, packed in rows:
            contrast = contrast_2026.of_png(png, m)
            ratio = contrast_2026.chord_ratio(
                packed, (height, width), bool(periodic), bool(periodic_y)
            )
            below = contrast < contrast_2026.SEPARATED_FROM
            changes.append((int(uniform or below), contrast, ratio, frame_id))
        for uniform, contrast, ratio, frame_id in changes:
            db.execute("UPDATE frames SET uniform = ? WHERE id = ?", [uniform, frame_id])
            db.execute(
                "UPDATE descriptors SET contrast = ?, chord_ratio = ? WHERE frame_id = ?",
                [contrast, ratio, frame_id],
            )


@MIGRATIONS()
def m011_properties(db: Database) -> None:
    """What is known of single frames beside their pictures: numbers and words, by their names.

    `property_changes` counts how often those of a data set were changed. Those of whole
    trajectories are in `trajectories.params` and `trajectories.labels`.
    """
    _script(
        db,
        """
    CREATE TABLE frame_properties (
        frame_id INTEGER NOT NULL REFERENCES frames(id) ON DELETE CASCADE,
        name TEXT NOT NULL,
        number REAL,
        label TEXT,
        PRIMARY KEY (frame_id, name),
        CHECK ((number IS NULL) <> (label IS NULL))
    ) WITHOUT ROWID;
    ALTER TABLE datasets ADD COLUMN property_changes INTEGER NOT NULL DEFAULT 0
    """,
    )


@MIGRATIONS()
def m012_attached(db: Database) -> None:
    """Other data sets that a model looks at, and the latents of their frames, apart from its own.

    `how` frames are brought to the model's pixel size: by "pixel size", "thickness", "factor" or
    "one"; `factor` is what was given, `attached_latents.factor` what came of it for each frame.
    """
    _script(
        db,
        """
    CREATE TABLE attached_datasets (
        checkpoint_id INTEGER NOT NULL REFERENCES checkpoints(id) ON DELETE CASCADE,
        dataset_id INTEGER NOT NULL REFERENCES datasets(id) ON DELETE CASCADE,
        how TEXT NOT NULL CHECK (how IN ('pixel size', 'thickness', 'factor', 'one')),
        factor REAL,
        created REAL NOT NULL,
        PRIMARY KEY (checkpoint_id, dataset_id)
    ) WITHOUT ROWID;
    CREATE INDEX attached_datasets_dataset ON attached_datasets(dataset_id);
    CREATE TABLE attached_latents (
        checkpoint_id INTEGER NOT NULL,
        dataset_id INTEGER NOT NULL,
        frame_id INTEGER NOT NULL REFERENCES frames(id) ON DELETE CASCADE,
        factor REAL NOT NULL,
        mean BLOB NOT NULL,
        logvar BLOB NOT NULL,
        PRIMARY KEY (checkpoint_id, dataset_id, frame_id),
        FOREIGN KEY (checkpoint_id, dataset_id)
            REFERENCES attached_datasets(checkpoint_id, dataset_id) ON DELETE CASCADE
    ) WITHOUT ROWID;
    CREATE INDEX attached_latents_frame ON attached_latents(frame_id)
    """,
    )


@MIGRATIONS()
def m013_steps(db: Database) -> None:
    """Steps of a training: its curve point by point, steps by each epoch, hashes of weights.

    `steps` and `weights_sha256` are unknown of what is older.
    """
    _script(
        db,
        """
    CREATE TABLE training_points (
        run_id INTEGER NOT NULL REFERENCES runs(id) ON DELETE CASCADE,
        step INTEGER NOT NULL,
        epoch REAL NOT NULL,
        seconds REAL NOT NULL,
        frames_per_second REAL NOT NULL,
        recon_nats REAL NOT NULL,
        kl_nats REAL NOT NULL,
        PRIMARY KEY (run_id, step)
    ) WITHOUT ROWID;
    ALTER TABLE epochs ADD COLUMN steps INTEGER;
    ALTER TABLE checkpoints ADD COLUMN weights_sha256 TEXT
    """,
    )


@MIGRATIONS()
def m014_replicates(db: Database) -> None:
    """The data set whose replicates a data set holds, and with which they are deleted."""
    _script(
        db,
        """
    ALTER TABLE datasets ADD COLUMN replicates_of INTEGER
        REFERENCES datasets(id) ON DELETE CASCADE;
    CREATE INDEX datasets_replicates_of ON datasets(replicates_of)
    """,
    )


@MIGRATIONS()
def m015_z(db: Database) -> None:
    """z beside the embedding; NULL where it is the embedding, and where it is not known yet.

    Which of both, says the checkpoint. Until now a model that was saved with an embedding of its
    own had a file so named.
    """
    _script(
        db,
        """
    ALTER TABLE checkpoints ADD COLUMN has_embedding INTEGER NOT NULL DEFAULT 0;
    UPDATE checkpoints SET has_embedding = 1 WHERE file LIKE '%-axes.pt';
    ALTER TABLE latents ADD COLUMN z_mean BLOB;
    ALTER TABLE latents ADD COLUMN z_logvar BLOB;
    ALTER TABLE attached_latents ADD COLUMN z_mean BLOB;
    ALTER TABLE attached_latents ADD COLUMN z_logvar BLOB
    """,
    )


@MIGRATIONS()
def m016_owner(db: Database) -> None:
    """Whose a running job is: a token, fresh at every claim; how often it was claimed; its lane."""
    _script(
        db,
        """
    ALTER TABLE jobs ADD COLUMN owner TEXT;
    ALTER TABLE jobs ADD COLUMN claims INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE jobs ADD COLUMN lane TEXT NOT NULL DEFAULT 'long'
        CHECK (lane IN ('long', 'quick'))
    """,
    )


@MIGRATIONS()
def m017_unfinished(db: Database) -> None:
    """The job that is writing into a data set, which nobody sees; NULL for all others."""
    db.execute("ALTER TABLE datasets ADD COLUMN unfinished_job INTEGER")


@MIGRATIONS()
def m018_checksums(db: Database) -> None:
    """Checksums of all rows (`store.row_checksums`); since when a checkpoint's file is damaged."""
    _script(
        db,
        """
    CREATE TABLE row_checksums (
        tbl TEXT NOT NULL,
        key NOT NULL,
        checksum INTEGER NOT NULL,
        PRIMARY KEY (tbl, key)
    ) WITHOUT ROWID;
    ALTER TABLE checkpoints ADD COLUMN damaged REAL
    """,
    )


@MIGRATIONS()
def m019_stages(db: Database) -> None:
    """The stages of a job, as JSON; NULL where it has said none."""
    db.execute("ALTER TABLE jobs ADD COLUMN stages TEXT")


@MIGRATIONS()
def m020_forming_maps(db: Database) -> None:
    """Maps of a run while it trained: ids and places of some frames, little-endian."""
    db.execute(
        """
    CREATE TABLE forming_maps (
        run_id INTEGER NOT NULL REFERENCES runs(id) ON DELETE CASCADE,
        epoch INTEGER NOT NULL,
        frame_ids BLOB NOT NULL,
        coords BLOB NOT NULL,
        PRIMARY KEY (run_id, epoch)
    )
    """
    )


@MIGRATIONS()
def m021_asked_frames(db: Database) -> None:
    """Drawings and uploads by key; `head`: a drawing's size and edges, or an upload's name."""
    _script(
        db,
        """
    CREATE TABLE asked_frames (
        key TEXT PRIMARY KEY,
        kind TEXT NOT NULL CHECK (kind IN ('drawing', 'upload')),
        head TEXT NOT NULL,
        content BLOB NOT NULL,
        used REAL NOT NULL
    );
    CREATE INDEX asked_frames_used ON asked_frames(used)
    """,
    )


@MIGRATIONS()
def m022_tunings(db: Database) -> None:
    """Tunings and their trials, each of a run; `run_frames.held_out` is 2 for validation frames.

    `space` and `settings` are JSON, as are a trial's `settings` and its `points`: pairs of a rung
    and of -ELBO in nats. A trial outlives its run, since the search goes on by what it found.
    """
    _script(
        db,
        """
    CREATE TABLE tunings (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        dataset_id INTEGER NOT NULL REFERENCES datasets(id) ON DELETE CASCADE,
        preset TEXT NOT NULL,
        objective TEXT NOT NULL,
        trials INTEGER NOT NULL,
        seed INTEGER NOT NULL,
        pruning INTEGER NOT NULL,
        settings TEXT NOT NULL,
        space TEXT NOT NULL,
        created REAL NOT NULL
    );
    CREATE INDEX tunings_dataset ON tunings(dataset_id);
    CREATE TABLE tuning_trials (
        tuning_id INTEGER NOT NULL REFERENCES tunings(id) ON DELETE CASCADE,
        number INTEGER NOT NULL,
        run_id INTEGER REFERENCES runs(id) ON DELETE SET NULL,
        settings TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('running', 'complete', 'pruned', 'failed')),
        value REAL,
        points TEXT NOT NULL DEFAULT '[]',
        PRIMARY KEY (tuning_id, number)
    );
    CREATE INDEX tuning_trials_run ON tuning_trials(run_id)
    """,
    )


@MIGRATIONS()
def m023_latents_of_checkpoints(db: Database) -> None:
    """How many latents a checkpoint has is counted in a small index, not in the vectors' pages."""
    db.execute("CREATE INDEX latents_checkpoint ON latents(checkpoint_id)")


def _short(value: float, digits: int) -> str:
    # As in morphcore.config.cell_name, but kept here: what a migration did must never change.
    short = f"{value:.{digits}f}"
    return short if float(short) == value else repr(value)


# Every migration that this version knows: on an empty database all of them are pending.
NAMES = frozenset(migration.name for migration in MIGRATIONS.pending(Database(memory=True)))
