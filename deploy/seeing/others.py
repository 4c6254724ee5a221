"""Metrics that alerts and dashboards read and that are not ours: each with its labels and who defines it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_CNPG: Final = ("namespace", "pod")
_STRIMZI: Final = ("namespace", "pod")
_VOLUME: Final = ("namespace", "persistentvolumeclaim")

OTHERS: Final[Mapping[str, tuple[tuple[str, ...], str]]] = {
    "up": (("country", "service", "process", "pod"), "Prometheus: whether the last scrape worked"),
    "barman_cloud_cloudnative_pg_io_last_available_backup_timestamp": (
        _CNPG,
        "Barman Cloud plugin of CloudNativePG, chapter Observability",
    ),
    "cnpg_pg_stat_archiver_seconds_since_last_archival": (
        _CNPG,
        "CloudNativePG, default monitoring queries: pg_stat_archiver",
    ),
    "cnpg_pg_replication_lag": (_CNPG, "CloudNativePG, default monitoring queries: pg_replication"),
    "kafka_controller_kafkacontroller_offlinepartitionscount": (
        _STRIMZI,
        "Strimzi Metrics Reporter, kafka.controller:type=KafkaController,name=OfflinePartitionsCount",
    ),
    "kafka_server_replicamanager_underreplicatedpartitions": (
        _STRIMZI,
        "Strimzi Metrics Reporter, kafka.server:type=ReplicaManager,name=UnderReplicatedPartitions",
    ),
    "kubelet_volume_stats_available_bytes": (_VOLUME, "the kubelet"),
    "kubelet_volume_stats_capacity_bytes": (_VOLUME, "the kubelet"),
}
