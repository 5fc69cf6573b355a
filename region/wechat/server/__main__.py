"""`python -m region.wechat.server --config FILE`: serves until it is told to end."""

import argparse
import logging
import ssl
from pathlib import Path

from aiohttp import web

from region.wechat.server.app import application
from region.wechat.server.config import load
from region.wechat.server.sandbox import open_sandbox


def main() -> None:
    """Read the configuration and serve."""
    parser = argparse.ArgumentParser(description="WeChat's interfaces, for a region without WeChat")
    parser.add_argument("--config", type=Path, required=True, help="what `config.Config` has, as JSON")
    config = load(parser.parse_args().config)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s %(message)s")
    tls = None
    if config.certificate:
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(config.certificate, config.key)
    app = application(open_sandbox(config))
    web.run_app(
        app,
        host=config.host,
        port=config.port,
        ssl_context=tls,
        access_log=None,
        print=None,
        shutdown_timeout=2,
    )


if __name__ == "__main__":
    main()
