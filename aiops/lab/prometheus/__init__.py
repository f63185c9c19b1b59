"""The lab's Prometheus and Alertmanager: the HTTP API, alert rules, and notifications by webhook."""

from aiops.lab.prometheus.app import prometheus_app
from aiops.lab.prometheus.notifier import Notification, Notifier
from aiops.lab.prometheus.rule_engine import Alert, RuleEngine
from aiops.lab.prometheus.rule_file import AlertRule, RuleGroup, load_rules

__all__ = ["Alert", "AlertRule", "Notification", "Notifier", "RuleEngine", "RuleGroup", "load_rules", "prometheus_app"]
