{-# LANGUAGE OverloadedStrings #-}

module Main (main) where

import Control.Concurrent (threadDelay)
import Control.Exception (SomeException, handle, throwIO, try)
import Control.Monad (forever, unless)
import qualified Data.ByteString.Char8 as B
import qualified Data.ByteString.Lazy as L
import qualified Data.CaseInsensitive as CI
import Data.Char (isSpace)
import Data.List (isInfixOf)
import Data.Maybe (fromMaybe)
import Data.Text.Lazy.Encoding (decodeUtf8')
import qualified Network.WebSockets as WS
import System.Environment (getArgs, lookupEnv)
import System.Exit (ExitCode (..), exitWith)
import System.IO (hPutStrLn, stderr)

limit :: WS.SizeLimit
limit = WS.SizeLimit (64 * 1024 * 1024)

options :: WS.ConnectionOptions
options =
  WS.defaultConnectionOptions
    { WS.connectionCompressionOptions = WS.PermessageDeflateCompression WS.defaultPermessageDeflate
    , WS.connectionFramePayloadSizeLimit = limit
    , WS.connectionMessageDataSizeLimit = limit
    }

echo :: WS.ClientApp ()
echo connection = handle closed $ forever $ WS.receiveDataMessage connection >>= answer
 where
  -- The library hands text over unchecked.
  answer (WS.Text octets _)
    | Left _ <- decodeUtf8' octets = do
        WS.sendCloseCode connection 1007 L.empty
        throwIO WS.ConnectionClosed -- nothing more is to be read
  answer message = WS.sendDataMessage connection message

  closed :: WS.ConnectionException -> IO ()
  closed = hPutStrLn stderr . show

-- host, port and target of a ws: URL
parse :: String -> Maybe (String, Int, String)
parse url
  | ("ws", ':' : '/' : '/' : rest) <- break (== ':') url =
      let (authority, path) = break (`elem` ("/?#" :: String)) rest
          (host, port) = split authority
          target = takeWhile (/= '#') path
       in Just (host, port, if take 1 target == "/" then target else '/' : target)
  | otherwise = Nothing
 where
  split ('[' : rest) = let (host, after) = break (== ']') rest in (host, number (drop 2 after))
  split authority = let (host, after) = break (== ':') authority in (host, number (drop 1 after))
  number digits = if null digits then 80 else read digits

headers :: String -> WS.Headers
headers text =
  [ (CI.mk (B.pack name), B.pack (dropWhile isSpace (drop 1 value)))
  | line <- lines text
  , let (name, value) = break (== ':') line
  , not (null value)
  ]

main :: IO ()
main = do
  [url] <- getArgs
  (host, port, target) <- maybe (exitWith (ExitFailure 127)) return (parse url) -- no wss
  looping <- (== Just "loop") <$> lookupEnv "WSSPEC_ACTION"
  fields <- headers . fromMaybe "" <$> lookupEnv "WSSPEC_HEADERS"
  protocols <- fromMaybe "" <$> lookupEnv "WSSPEC_PROTOCOLS"
  let asked = [("Sec-WebSocket-Protocol", B.pack protocols) | not (null protocols)]
      rounds :: Int -> IO ()
      rounds refused = unless (refused == 3) $ do
        ended <- try (WS.runClientWith host port target options (asked ++ fields) echo) :: IO (Either SomeException ())
        either (hPutStrLn stderr . show) return ended
        let again = either (isInfixOf "refused" . show) (const False) ended
        if again then threadDelay 100000 else return ()
        if looping then rounds (if again then refused + 1 else 0) else return ()
  rounds 0
