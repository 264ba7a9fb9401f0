"""Work that takes its time: the queue and its workers, recording with projection, sweeps, training, calibration."""
