module Main (main) where

import Control.Exception (handle, throwIO)
import Control.Monad (forever)
import Data.ByteString.Lazy (ByteString, empty)
import Data.Text.Lazy.Encoding (decodeUtf8')
import qualified Network.WebSockets as WS
import System.Environment (getArgs)

limit :: WS.SizeLimit
limit = WS.SizeLimit (64 * 1024 * 1024)

echo :: WS.ServerApp
echo pending = do
  connection <- WS.acceptRequest pending
  handle closed $ forever $ WS.receiveDataMessage connection >>= answer connection
 where
  -- The library hands text over unchecked.
  answer :: WS.Connection -> WS.DataMessage -> IO ()
  answer connection (WS.Text octets _)
    | Left _ <- decodeUtf8' octets = do
        WS.sendCloseCode connection 1007 (empty :: ByteString)
        throwIO WS.ConnectionClosed -- nothing more is to be read
  answer connection message = WS.sendDataMessage connection message

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
