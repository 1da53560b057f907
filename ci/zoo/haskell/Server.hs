module Main (main) where

import Control.Exception (handle)
import Control.Monad (forever)
import qualified Network.WebSockets as WS
import System.Environment (getArgs)

limit :: WS.SizeLimit
limit = WS.SizeLimit (64 * 1024 * 1024)

echo :: WS.ServerApp
echo pending = do
  connection <- WS.acceptRequest pending
  handle closed $ forever $ WS.receiveDataMessage connection >>= WS.sendDataMessage connection
 where
  closed :: WS.ConnectionException -> IO ()
  closed _ = return ()

main :: IO ()
main = do
  [port] <- getArgs
  WS.runServerWithOptions
    WS.defaultServerOptions
      { WS.serverHost = "127.0.0.1"
      , WS.serverPort = read port
      , WS.serverConnectionOptions =
          WS.defaultConnectionOptions
            { WS.connectionCompressionOptions =
                WS.PermessageDeflateCompression WS.defaultPermessageDeflate
            , WS.connectionFramePayloadSizeLimit = limit
            , WS.connectionMessageDataSizeLimit = limit
            }
      }
    echo
